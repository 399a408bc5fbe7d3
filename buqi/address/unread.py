"""What is left of an address when the names that its answer says again are taken out of it."""

from __future__ import annotations

from buqi.address.new_areas import begins_new_area
from buqi.address.whole_names import whole_name_from
from buqi.divisions import Candidate, DivisionPath, Match
from buqi.divisions.between import EDGES, join, kept_between
from buqi.divisions.match import Used
from buqi.divisions.meaning import FORMER
from buqi.divisions.table import OVERSEAS
from buqi.expressions import expression

TOWN = expression(r"(?:街道|镇|乡|苏木)$")
NEW_AREA = "新区"  # stands in the name of each that `begins_new_area` knows


def unread(match: Match, candidate: Candidate | None, path: DivisionPath, former_towns: bool = False) -> str:
    """Return what is left of an address when the names that ``path`` says again are taken from its front.

    Names that contradict the path, that are deeper than it, or that are no divisions (zones) stay.

    Args:
        match: what was read of the address.
        candidate: the reading that the answer follows; ``None`` if it follows none.
        path: the answer.
        former_towns: whether the name of a former town stays of which only the county is known: 佳木斯向阳区保卫街道.
    """
    said = _said(match, candidate, path, former_towns)
    if not said:
        return match.address
    left = sorted([span for span in match.spans if span not in said])
    if not left:
        return match.front + match.text[match.behind :]
    at, pieces = left[0][0], [match.front]
    for start, end in sorted(span for span in said if span[0] > at):
        pieces.append(match.text[at:start])
        at = end
    return "".join([*pieces, match.text[at:]])


def left_of(match: Match, candidate: Candidate | None, path: DivisionPath, former_towns: bool = False) -> str:
    """Return what stands between the names that `unread` leaves out, and then what it returns. Arguments as there."""
    if candidate is None or not candidate.used:
        return match.address  # most alternatives of a weighed address
    return with_between(match, candidate, path, unread(match, candidate, path, former_towns), former_towns)


def with_between(
    match: Match, candidate: Candidate | None, path: DivisionPath, detail: str, former_towns: bool = False
) -> str:
    """Return a detail behind what stands between the names that `unread` leaves out. Arguments as there."""
    telling = kept_between(match.text, match.spans, match.behind)  # nearly never
    if not telling or not (said := _said(match, candidate, path, former_towns)):
        return detail
    left = min((start for start, end in match.spans if (start, end) not in said), default=match.behind)
    kept = kept_between(match.text, match.spans, left)
    front = match.front if detail.startswith(match.front) else ""  # it stands before the names
    behind = detail[len(front) :]
    return join((front, kept, behind)) if behind else join((front, kept.rstrip(EDGES)))


def _said(match: Match, candidate: Candidate | None, path: DivisionPath, former_towns: bool) -> list[tuple[int, int]]:
    """Return where the names stand that ``path`` says again. Arguments as for `unread`."""
    used = candidate.used if candidate else ()
    if not used:
        return []
    own = [division.code for division in path.divisions]
    former = [u for u in used if u.kind == FORMER]
    kept: dict[str, Used] = {}
    if former and (former_towns or any(len(u.code) > 6 for u in used)):  # 巴彦浩特镇额鲁特街道
        kept = _former_towns(match, former, path)
    said = [(u.start, u.end) for u in used if u.code in own and not u.zone and kept.get(u.name) is not u]
    if said and (start := whole_name_from(match.text, used)) >= 0:
        said = [span for span in said if span[0] < start]
    if NEW_AREA not in match.text:
        return said  # most addresses
    areas = [(u.start, u.end) for u in used if begins_new_area(match.text, u)]
    return [span for span in said if span not in areas]


def _former_towns(match: Match, former: list[Used], path: DivisionPath) -> dict[str, Used]:
    """Return those of the former names that are a town's and stay, by name."""
    towns = [u for u in reversed(former) if _is_former_town(u, path)]
    town = path.name("town") or "\n"  # 四子王旗白音朝克图镇 says 白音朝克图镇 again
    whole = path.name("county")  # 霍邱县叶集区 says what is known
    kept = [u for u in towns if not u.name.endswith(town) and match.text[u.start : u.end] != whole]
    return {u.name: u for u in kept}  # said twice, it stays once


def _is_former_town(used: Used, path: DivisionPath) -> bool:
    """Whether a name is that of a former town of which only the county is known; 津南区长青地区 was one too.

    In Taiwan the towns are the table's counties: 冈山镇 is 冈山区.
    """
    if used.code.startswith(OVERSEAS):
        return False
    area = used.name.removesuffix("地区")  # a prefecture was called as its city or county
    town = TOWN.search(used.name) or (area != used.name and len(used.code) == 6 and area not in path.full)
    return used.kind == FORMER and len(used.code) <= 6 and bool(town)
