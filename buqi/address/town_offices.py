"""Offices and schools that are named after the town they are in: 付店派出所, 西店中学, 人民法院上冶法庭.

The name stands behind the county, or behind one of its offices. It has the town's name without its kind.
"""

from __future__ import annotations

from collections.abc import Iterator

from buqi.address.bare_towns import LONGEST_STEM, called_around, may_bear
from buqi.divisions import Matcher
from buqi.divisions.lexicon_names import GENERIC
from buqi.divisions.meaning import SHORT
from buqi.divisions.names import short_names
from buqi.divisions.stems import town_stem
from buqi.divisions.words import HAN
from buqi.expressions import expression

# A county's office or firm, which has one in the town. No road stands before it.
COUNTY_OFFICE = expression(
    rf"(?:农村|(?![路街巷道村镇乡号]){HAN}){{0,10}}?(?:局|法院|检察院|政府|委员会|联社|银行|商行|信用社|[^分]公司|大队)"
)
_NUMBER = "第?[一二三四五六]"
_PLACE_OFFICE = (
    "派出所|司法所|财政所|税务所|税务分局|[国地]税分局|工商所|市场监督?管理?所|国土(?:资源)?所|(?:邮政)?支局|邮政所|邮电所|供电所|供销社|信用社"
    "|支行|分理处|储蓄所|营业所|(?:人民)?法庭|(?:交警|刑警|消防|城管)中队|(?:中心)?卫生院|敬老院|林业站|农技站|兽医站|粮站|粮管所|水利站"
)
_SCHOOL = (
    rf"(?:中心|初级|高级|完全|{_NUMBER})*(?:中学|小学|初中|高中|学校)|{_NUMBER}中|(?:中心|{_NUMBER})*幼儿园"
    "|(?:中心|人民)*医院"
)
# What goes on makes another name of it: 西店中学路, 付店小学村.
_END = rf"(?!{HAN}{{0,2}}[路街巷弄村道])"
OFFICE = expression(rf"(?:{_PLACE_OFFICE}){_END}")
SCHOOL = expression(rf"(?:{_SCHOOL}){_END}")
PART = expression(rf"分局{_END}")  # only behind a county's office: 税务局马厂分局
# The last two characters of all these: one search is quicker than three. Most addresses have none of them.
SIGN = expression(
    "[所局社行处庭队院站学校中园](?:(?<=[出法政务商理土源电蓄业管]所)|(?<=[分支]局)|(?<=[销用]社)|(?<=支行)|(?<=理处)|(?<=法庭)|(?<=中队)"
    "|(?<=[生老医]院)|(?<=[业技医粮利]站)|(?<=[中小]学)|(?<=学校)|(?<=[初高第一二三四五六]中)|(?<=儿园))"
)
SEAT = "城关"  # the one common name that is the town's own


def town_of_office(text: str, county: str, matcher: Matcher) -> str:
    """Return the code of the town that an office or a school in a text is named after, ``""`` if there is none.

    Args:
        text: what stands behind the county, or an institution's name with the county in it, as the matcher reads it.
        county: code of the county, or of a city without counties.
        matcher: has the table.
    """
    if SIGN.search(text) is None or not any(kind.search(text) for kind in (OFFICE, SCHOOL, PART)):
        return ""  # most addresses
    for at in _begins(text, matcher.table.names[county]):
        if town := _town_at(text, at, county, matcher):
            return town
    return ""


def _begins(text: str, county: str) -> Iterator[int]:
    """Yield where the name of a town's office may begin: at the front, behind the county, behind its offices."""
    starts = [0]
    for name in (county, *(short + kind for short in short_names(county) for kind in "县市区")):
        if (at := text.find(name)) > 0:
            starts.append(at + len(name))
    for start in dict.fromkeys(starts):
        yield start
        at = start
        while office := COUNTY_OFFICE.match(text, at):
            yield (at := office.end())


def _town_at(text: str, at: int, county: str, matcher: Matcher) -> str:
    """Return the code of the town whose name an office or a school at a position begins with."""
    towns = matcher.names.towns
    stems = towns.stems_at(text, at, county)
    for length in range(LONGEST_STEM, 1, -1) if stems else ():
        stem = text[at : at + length]
        if stem not in stems or stem in called_around(county, matcher) or _is_county_beside(stem, county, matcher):
            continue
        end = at + length
        office = OFFICE.match(text, end) or (at > 0 and PART.match(text, end))
        if not office and SCHOOL.match(text, end) is None:
            continue
        town = towns.called(stem, county)
        name = matcher.table.names.get(town, "")
        if not name or town_stem(name) != stem or (GENERIC.fullmatch(stem) and stem != SEAT):
            continue
        if may_bear(town, county, matcher) and (office or not name.endswith("街道")):
            return town
    return ""


def _is_county_beside(stem: str, county: str, matcher: Matcher) -> bool:
    """Whether another county of the city has a short name: 孝义第一中学 is not of 孝义镇 in 文水县."""
    named = matcher.lexicon.names.get(stem, ())
    return any(m.kind == SHORT and m.level == 3 and m.code[:4] == county[:4] for m in named)
