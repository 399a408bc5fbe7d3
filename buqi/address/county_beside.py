"""Another county beside the one that an answer follows, which the matcher left to the lead or the detail.

长沙县 雨花区 跳马镇 is in 雨花区, and 长安区雁塔区长安南路 in one of the two.
"""

from __future__ import annotations

from collections.abc import Iterable

from buqi.address.completion import Completion
from buqi.divisions import Matcher
from buqi.divisions.meaning import FULL, Meaning
from buqi.divisions.name_patterns import NAMED_AFTER, OF_MANY_CITIES, SIDES
from buqi.divisions.text import read

BETWEEN = " \t\u3000,，;；"  # what stands between two names
DISTRICT = "区"
VILLAGES = frozenset("村庄屯寨社坊里")  # 隰县黄土镇古县村
COUNTY = 6  # characters of its code
CITY_PART = "城区"  # a district of some cities; in lists it is a word for the inner city


def county_beside(answer: Completion, matcher: Matcher) -> str:
    """Return the whole name of another county that is all of the lead, or begins the detail; else ``""``.

    Behind the answer's names it must lie in the same city or province. 新城区 behind a county is a part of its town.

    Args:
        answer: with a county.
        matcher: has the names.
    """
    if CITY_PART in answer.input and (part := _city_part(answer, matcher)):
        return part
    detail = answer.detail.lstrip(BETWEEN)
    if not answer.lead and detail[:2] not in matcher.lexicon.lengths:
        return ""  # nearly always: no name stands there
    table, names = matcher.table, matcher.lexicon.names
    county = table.county_of(answer.path.divisions[-1].code) if answer.path.divisions else ""
    if len(county) < COUNTY:
        return ""
    before = answer.lead.strip(BETWEEN)
    if before and before not in OF_MANY_CITIES and _counties(names.get(before, ()), county):
        return before
    around = table.by_code[county].parent
    for length, meanings in matcher.lexicon.starting(detail, 0):
        name = detail[:length]
        near = [m for m in _counties(meanings, county) if table.by_code[m.code].parent == around]
        if near and not _is_part(name, table.names[county]):
            named_after = NAMED_AFTER.match(detail, length) or detail[length : length + 1] in VILLAGES
            return "" if named_after else name
    return ""


def _city_part(answer: Completion, matcher: Matcher) -> str:
    """Return 城区 where it stands behind the answer's city, which has such a district, and another county follows."""
    table, city = matcher.table, answer.path.name("city")
    county = next((division for division in answer.path.divisions if len(division.code) == COUNTY), None)
    if not city or county is None or county.name == CITY_PART:
        return ""
    text = read(answer.input).plain
    has_one = any(division.name == CITY_PART for division in table.children[county.parent])
    return CITY_PART if has_one and city + CITY_PART + county.name in text else ""


def _counties(meanings: Iterable[Meaning], county: str) -> list[Meaning]:
    """Return those of some meanings that are whole names of counties, if the county is none of them."""
    found = [m for m in meanings if m.kind == FULL and m.level == 3]
    return [] if any(m.code == county for m in found) else found


def _is_part(name: str, county: str) -> bool:
    """Whether a name may be that of a part of a county's town: 环县新城区, 盂县郊区."""
    return name in OF_MANY_CITIES or (set(name) <= SIDES and not county.endswith(DISTRICT))
