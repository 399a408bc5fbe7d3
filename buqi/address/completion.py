"""`Completion`: what is known of an address, level by level, and nothing that is not in the table."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from buqi.address.new_areas import begins_new_area
from buqi.contact import ContactLine
from buqi.divisions import LEVELS, Candidate, Division, DivisionPath, Match, load_table
from buqi.divisions.between import EDGES, join, kept_between
from buqi.divisions.level_names import LevelNames
from buqi.divisions.match import Used
from buqi.divisions.meaning import FORMER, FULL, MISSING, MOVED, SHORT
from buqi.divisions.mistyping import MISTYPINGS
from buqi.divisions.table import OVERSEAS
from buqi.divisions.text import read

CONTACT = ("name", "phone", "postcode")  # in JSON only where they were asked for
SHOWN_EQUAL = 8  # of several equal places
# Behind a short name: the two are one name, and it stays whole. 四川音乐学院, 武夷山风景区, 大兴国际机场, 宁波银行.
INSTITUTION = re.compile(
    r"(?:(?:国家级?)?(?:风景|名胜|旅游|生态)*(?:风景|名胜|旅游|生态|景)区|古[城镇](?![区街路镇乡])|(?:国际)?机场|站$|银行)(?![路街巷村镇])"
    r"|"
    r"(?:中?医[科药]?|药科|音乐|农[业林垦]?|林业|工[业商程]?|科技|理工|师范|财[经贸]|经[贸济]|商[业贸]?|金融|交通|邮电|电力|电子|信息|机电|石油|化工|海[洋事]"
    r"|民族|建筑|城建|建设|外国?语|体育|美术|艺术|传媒|戏曲|政法|警[察官]|公安|旅游|水利|地质|矿业|航[空海天]|铁[道路]|职[业工]|技[术师]|卫生|管理|教育"
    r"|第[一二三]|幼儿|广播|电视|开放|联合|女子|城市|国际|高等专科)+(?:大学|学[院校])(?![路街巷村])"
)
TOWN = re.compile(r"(?:街道|镇|乡|苏木)$")
AGAINST = "{}: contradicts the other names"  # the note of a name that goes against the answer
NO_SUCH_TOWN = "{}: {} has no such town today"  # the note of a town that other counties have
UNLIKELY = "no place is likely enough"
REFUSALS = ("ambiguous", "unknown")  # statuses
BY_TABLE, BY_EVIDENCE, BY_MEMORY, BY_MODEL = "table", "evidence", "memory", "model"  # `Completion.decided`


def percent(share: float) -> str:
    """Return a probability for people, rounded down: what is not certain is never shown as 100 %."""
    return f"{math.floor(1000 * share + 1e-6) / 10:g} %"


@dataclass(frozen=True)
class Completion(LevelNames):
    """An answer about one address.

    Attributes:
        input: the text that was asked.
        full: the names of ``path`` and then ``detail``; the input where the answer is a refusal.
        path: the divisions that are known, from the province down.
        detail: what is left of the input without ``lead`` and the names of ``path``, unchanged.
        confidence: calibrated probability that every level given down to the county is right; ``None`` where nothing
            calibrated it.
        status: ``complete`` (down to a town), ``partial`` (to a county, city or province), ``ambiguous``, ``unknown``.
        alternatives: other places, each with ``full`` and ``confidence``: the share that the chooser gives it.
        notes: what was renamed, corrected or contradicted.
        decided: what decided: `BY_TABLE` (the names leave nothing open), `BY_EVIDENCE` (evidence was weighed),
            `BY_MEMORY` (the user's place names were weighed too) or `BY_MODEL` (a language model chose).
        village: the fifth level. Its text stays in ``detail``.
        lead: what stands before the address and is no part of it: a country, a label, a name, a telephone. The words of
            a question behind the address follow there.
        contact: name, telephone and postcode where they were asked for. They are then in no other field but ``input``.

    The names that were read, ``lead`` and ``detail`` together hold every character of the input, but for separators,
    words that mean nothing between names, the keys of a record (``{"city":"保定市"}``) and the labels of a form.
    """

    input: str
    full: str
    path: DivisionPath = field(default_factory=DivisionPath)
    detail: str = ""
    confidence: float | None = None
    status: str = "unknown"
    alternatives: tuple[dict[str, Any], ...] = ()
    notes: tuple[str, ...] = ()
    decided: str = ""
    village: Division | None = None
    lead: str = ""
    contact: ContactLine | None = None

    def __str__(self) -> str:
        return self.full

    @property
    def codes(self) -> dict[str, str]:
        """The code of every level that is known, by its name."""
        return self.path.codes | ({"village": self.village.code} if self.village is not None else {})

    @cached_property
    def code(self) -> str:
        """The code of the deepest level that is known."""
        return max(self.codes.values(), key=len, default="")

    @property
    def name(self) -> str:
        """The receiver, ``""`` if none is certain or none was asked for."""
        return self.contact.name if self.contact else ""

    @property
    def phone(self) -> str:
        """The telephone as written, in the same way; several with ``; `` between them."""
        return self.contact.phone if self.contact else ""

    @property
    def postcode(self) -> str:
        """The postcode, in the same way."""
        return self.contact.postcode if self.contact else ""

    def as_json(self) -> dict[str, Any]:
        """Return the completion as a JSON object."""
        levels = {level: self.path.name(level) for level in LEVELS}
        return {
            "input": self.input,
            "full": self.full,
            **levels,
            "village": self.village.name if self.village else "",
            "lead": self.lead,
            "detail": self.detail,
            "codes": self.codes,
            "confidence": self.confidence,
            "status": self.status,
            "alternatives": list(self.alternatives),
            "notes": list(self.notes),
            "decided": self.decided,
        } | ({name: getattr(self, name) for name in CONTACT} if self.contact else {})

    @classmethod
    def known(
        cls,
        text: str,
        path: DivisionPath,
        detail: str,
        confidence: float | None = None,
        decided: str = "",
        village: Division | None = None,
        *,
        alternatives: tuple[dict[str, Any], ...] = (),
        notes: tuple[str, ...] = (),
        lead: str = "",
    ) -> Completion:
        """Return the completion of a text that lies in ``path``; ``full`` and ``status`` follow from the arguments."""
        status = "complete" if path.name("town") else "partial"
        full = path.full + detail
        return cls(text, full, path, detail, confidence, status, alternatives, notes, decided, village, lead)

    @classmethod
    def from_match(cls, match: Match) -> Completion:
        """Return the completion that the table alone allows: one candidate, or several equal ones, or none.

        With several equal candidates the levels that they have in common are given, ``full`` stays the input, and they
        stand among the alternatives.
        """
        best = match.best
        if best is not None:
            detail = left_of(match, best, best.path, former_towns=True)
            return cls.known(match.text, best.path, detail, notes=notes(match, best), lead=match.lead)
        equal = match.candidates[: match.equal]
        if not equal:
            return cls.nothing(match.text)
        return cls(
            input=match.text,
            full=match.text,
            path=match.path,
            detail=match.text,
            status="ambiguous",
            alternatives=tuple({"full": c.path.full + match.detail, "confidence": None} for c in equal[:SHOWN_EQUAL]),
            notes=(f"{len(equal)} places fit equally well",),
        )

    @classmethod
    def nothing(cls, text: str) -> Completion:
        """Return the completion of a text that names no place."""
        return cls(text, text, detail=text, notes=("no division was recognised",))

    @classmethod
    def unlikely(
        cls,
        text: str,
        confidence: float | None,
        alternatives: tuple[dict[str, Any], ...],
        decided: str,
        path: DivisionPath | None = None,
    ) -> Completion:
        """Return a refusal: none of the places is likely enough. ``path`` is what they have in common."""
        status = "ambiguous" if alternatives else "unknown"
        return cls(text, text, path or DivisionPath(), text, confidence, status, alternatives, (UNLIKELY,), decided)

    def refused(self) -> Completion:
        """Return a refusal in which this answer is the first of the alternatives."""
        own = {"full": self.full, "confidence": self.confidence}
        return replace(
            self,
            full=self.input,
            path=DivisionPath(),
            detail=self.input,
            status="ambiguous",
            alternatives=(own, *self.alternatives),
            notes=(UNLIKELY, *self.notes),
            village=None,
            lead="",
        )

    @classmethod
    def from_answer(cls, text: str, answer: str, stopped: bool = True) -> Completion:
        """Return the completion that a model's freely written ``answer`` to ``text`` amounts to.

        The answer counts only if it begins with divisions that exist under each other, down to a city at least, and
        ends as the input ends. Otherwise the status is ``unknown``, ``full`` is the input, and what the model wrote
        stands among the alternatives.

        Args:
            text: the address.
            answer: what the model wrote.
            stopped: whether the model ended its answer itself.
        """
        path, detail = load_table().read(answer)
        if not stopped:
            problem = "the model did not end its answer"
        elif not path.name("city") and not path.name("county"):
            problem = "the answer does not begin with divisions of the table"
        elif not text.endswith(detail):
            problem = "the answer does not keep the end of the input"
        else:
            return cls.known(text, path, detail)
        return cls(text, text, detail=text, alternatives=({"full": answer, "confidence": None},), notes=(problem,))


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
    own = [division.code for division in path.divisions]
    former_towns = former_towns or any(len(u.code) > 6 for u in used)  # 巴彦浩特镇额鲁特街道
    town = path.name("town") or "\n"  # 四子王旗白音朝克图镇 says 白音朝克图镇 again
    former = [u for u in reversed(used) if former_towns and _is_former_town(u, path) and not u.name.endswith(town)]
    whole = path.name("county")  # 霍邱县叶集区 says what is known
    kept = {u.name: u for u in former if match.text[u.start : u.end] != whole}  # said twice, it stays once
    said = [(u.start, u.end) for u in used if u.code in own and not u.zone and kept.get(u.name) is not u]
    if said and _is_short(used[-1]) and INSTITUTION.match(match.text, used[-1].end):
        said = [span for span in said if span != (used[-1].start, used[-1].end)]
    areas = [(u.start, u.end) for u in used if u.kind == SHORT and begins_new_area(match.text, u)]
    return [span for span in said if span not in areas] if areas else said


def _is_former_town(used: Used, path: DivisionPath) -> bool:
    """Whether a name is that of a former town of which only the county is known; 津南区长青地区 was one too.

    In Taiwan the towns are the table's counties: 冈山镇 is 冈山区.
    """
    if used.code.startswith(OVERSEAS):
        return False
    area = used.name.removesuffix("地区")  # a prefecture was called as its city or county
    town = TOWN.search(used.name) or (area != used.name and len(used.code) == 6 and area not in path.full)
    return used.kind == FORMER and len(used.code) <= 6 and bool(town)


def _is_short(used: Used) -> bool:
    """Whether a name was read without its kind: 武夷山."""
    return used.kind == SHORT or (used.kind == MISSING and used.end - used.start < len(used.name))


def passed_over(match: Match) -> list[str]:
    """Return the names that were read but go against an answer for which no candidate speaks.

    三亚秀英区海秀路 is in 海口: 三亚 goes against it.
    """
    if not match.equal or not match.candidates[0].against:
        return []
    return [match.text[used.start : used.end] for used in match.candidates[0].used]


def notes(match: Match, candidate: Candidate | None, code: str = "") -> tuple[str, ...]:
    """Return what was renamed, corrected or contradicted by an answer.

    Args:
        match: what was read.
        candidate: the reading that the answer follows; ``None`` if it follows none.
        code: of the answer's deepest division, if it is not the candidate's: nothing is said of mistyped names below.
    """
    if candidate is None:
        return tuple(map(AGAINST.format, passed_over(match)))
    said = [
        used for used in candidate.used if not (code and used.kind in MISTYPINGS and not code.startswith(used.code))
    ]
    own = (_note(match.text, used, candidate.path) for used in said if not _says_again(used, said))
    return (*dict.fromkeys(filter(None, own)), *map(AGAINST.format, candidate.against))


def _says_again(used: Used, said: list[Used]) -> bool:
    """Whether a short name stands beside the same former name in full: 大港区大港油田."""
    return used.kind == SHORT and any(other.kind == FORMER and other.name == used.name for other in said)


def _is_shorter(written: str, name: str) -> bool:
    """Whether a name has all the characters of a short one, in their order."""
    characters = iter(name)
    return all(character in characters for character in written)


def _note(text: str, used: Used, path: DivisionPath) -> str:
    """Return the note of a name that was read, ``""`` if it is written as the table has it, or shortened."""
    if used.kind == FULL and not used.zone:
        return ""
    written, last = text[used.start : used.end], path.divisions[-1].name
    today = next((division.name for division in path.divisions if division.code == used.code), last)
    if used.kind == SHORT and not used.zone:  # 第八师 is 石河子市, 芳村 in 荔湾区 was 芳村区
        return "" if used.name == today and _is_shorter(read(written).plain, today) else f"{written}: today {today}"
    if used.zone:
        return f"{written}: a zone in {today}"
    if used.kind == FORMER:
        return "" if written == today else f"{written}: today {today}"
    if used.kind == MOVED:
        below = next((division.name for division in path.divisions if division.parent == used.code), last)
        return f"{written}: {below} lies in {today} today"
    return f"{written}: read as {used.name} ({MISTYPINGS[used.kind]})"
