"""Names of the answer that its lead or detail says again: 吴中区甪直镇 江苏苏州 215127 is not in 江苏苏州 twice.

They are left out behind a zone (雄安新区容城县), in a bracket behind a former name (江东区（现鄞州区）), between
separators, and in the lead before names that were read. Other words stay.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from buqi.address.bare_towns import OWN_ROAD
from buqi.address.completion import REFUSALS, Completion
from buqi.address.said_alone import without_name_alone
from buqi.address.whole_names import begins_old_town
from buqi.divisions import Matcher
from buqi.divisions.names import short_name, short_names
from buqi.divisions.stems import town_stem
from buqi.divisions.words import HAN
from buqi.expressions import expression

ZONE = expression(rf"{HAN}{{2,5}}?新区")
TODAY = expression(rf"\s*[（(](?:现为?|今为?|现属|现改为)(?P<name>{HAN}{{2,8}})[)）]")
PART = expression(r"[^\s,，/]+")
FRONT = expression(r"(?P<country>(?:中国|中华人民共和国)[\s,，/|-]*)?(?P<names>.+)")
SEPARATORS = " \t\r\n\u3000,，/|-"
APART = expression(r"[\s,，/（(]")  # of these stands one in a detail that says names again, if it begins with no zone
LONGEST_LEAD = 20
FEWEST = 2  # names between separators
COUNTY = 6  # characters of its code
LONG = 3  # characters of one name alone


def said_once(answer: Completion, matcher: Matcher) -> Completion:
    """Return an answer whose lead and detail say none of its own names again where these stand apart.

    A county's and a town's short names behind the last separator give the town: 沪闵路7866弄 闵行莘庄.
    """
    if answer.status in REFUSALS or not answer.path.divisions:
        return answer
    if answer.lead:
        answer = _with_lead(answer)
    detail = answer.detail
    if "新区" in detail[:8]:
        answer = _with_detail(answer, _behind_zone(answer, detail))
    elif len(answer.path.divisions[-1].code) == COUNTY:
        answer = _with_detail(answer, _without_front(answer, detail))
    if APART.search(detail) or len(detail) < LONG:
        answer = _with_detail(answer, without_name_alone(answer))
        answer = _with_detail(answer, _without_parts(answer, _without_bracket(answer, answer.detail)))
        answer = _with_town(answer, matcher)
    return answer


def _forms(answer: Completion) -> Iterator[str]:
    """Yield the whole and short names of the answer's divisions."""
    for division in answer.path.divisions:
        yield from (division.name, *short_names(division.name))


def _names_in(text: str, answer: Completion) -> list[str]:
    """Return the names of the answer that a text is made of, from above; none if anything else is in it."""
    at, found = 0, list[str]()
    for division in answer.path.divisions:
        forms = (division.name, *short_names(division.name)) if len(division.code) < 9 else (division.name,)
        form = max((form for form in forms if len(form) > 1 and text.startswith(form, at)), key=len, default="")
        at, found = at + len(form), [*found, form] if form else found
    return found if at == len(text) else []


def _with_lead(answer: Completion) -> Completion:
    """Return an answer without its own names in the lead; a zone there is put before the detail."""
    lead = answer.lead
    if len(lead) > LONGEST_LEAD:
        return answer
    if ZONE.fullmatch(lead.strip(SEPARATORS)) and lead.strip(SEPARATORS) not in _forms(answer):
        return _with_detail(replace(answer, lead=""), lead + answer.detail)
    front = FRONT.fullmatch(lead)
    names = PART.findall(front["names"]) if front else []
    if front and names and _names_in("".join(names), answer) == names:
        return replace(answer, lead=front["country"] or "")
    return answer


def _behind_zone(answer: Completion, detail: str) -> str:
    """Return the detail without the county's whole name behind a zone at its front."""
    zone = ZONE.match(detail)
    county = answer.path.name("county")
    if zone is None or not county or not detail.startswith(county, zone.end()):
        return detail
    return zone.group() + detail[zone.end() + len(county) :]


def _without_front(answer: Completion, detail: str) -> str:
    """Return the detail without the short names of city and county before a road of its own: 大庆让胡路西宾路."""
    if detail[:1] != answer.path.divisions[-2].name[:1]:
        return detail  # nearly always
    city = short_name(answer.path.name("city") or answer.path.name("province"))
    both = city + short_name(answer.path.name("county"))
    road = detail.startswith(both) and OWN_ROAD.match(detail, len(both)) and not begins_old_town(detail)
    return detail[len(both) :] if road else detail


def _without_bracket(answer: Completion, detail: str) -> str:
    """Return the detail without a bracket at its front that says what a former division is today."""
    found = TODAY.match(detail)
    own = found is not None and any(division.name == found["name"] for division in answer.path.divisions)
    return detail[found.end() :] if found and own else detail


def _without_parts(answer: Completion, detail: str) -> str:
    """Return the detail without what stands between separators and is two names, or one in full or at the end."""
    whole = {division.name for division in answer.path.divisions if len(division.name) >= LONG}
    for part in reversed(list(PART.finditer(detail))):
        names, last = _names_in(part.group(), answer), part.end() == len(detail) and part.start() > 0
        if len(names) >= FEWEST or (names and (names[0] in whole or (last and len(names[0]) >= LONG))):
            behind = detail[part.end() :].lstrip(SEPARATORS)
            detail = detail[: part.start()] + behind if behind else detail[: part.start()].rstrip(SEPARATORS)
    return detail


def _with_town(answer: Completion, matcher: Matcher) -> Completion:
    """Return the answer with the town whose short name stands behind the county's in the last part of the detail."""
    county = answer.path.divisions[-1]
    part = next(reversed(list(PART.finditer(answer.detail))), None)
    if len(county.code) != 6 or part is None or not part.start():
        return answer
    for form in short_names(county.name):
        stem = part.group().removeprefix(form)
        town = matcher.names.towns.called(stem, county.code) if stem != part.group() and len(stem) > 1 else ""
        if town and stem in (town_stem(matcher.table.names[town]), matcher.table.names[town]):
            path, detail = matcher.table.path(town), answer.detail[: part.start()].rstrip(SEPARATORS)
            return replace(answer, path=path, detail=detail, full=path.full + detail, status="complete")
    return answer


def _with_detail(answer: Completion, detail: str) -> Completion:
    if detail == answer.detail:
        return answer
    return replace(answer, detail=detail, full=answer.path.full + detail)
