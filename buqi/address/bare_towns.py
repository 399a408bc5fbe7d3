"""A town without its kind, run together with a road or village in it: 昆山市花桥绿地大道, 睢宁县沙集东风村.

The road must be known in the city, or the village anywhere in the country. Behind a town that is no subdistrict the
road may also be an unknown one with a name of its own. The two names together must be no other.
"""

from __future__ import annotations

from functools import cache

from buqi.address.villages import begins_with_village
from buqi.divisions import Matcher
from buqi.divisions.lexicon_names import GENERIC
from buqi.divisions.name_patterns import OWN_KINDS
from buqi.divisions.names import short_name
from buqi.divisions.stems import region_stem, town_stem, village_stem
from buqi.divisions.table import load_former
from buqi.divisions.text import read
from buqi.divisions.words import HAN, PART
from buqi.expressions import expression
from buqi.gazetteer.mapped_roads import load_roads

LONGEST_STEM = 4  # characters of a town's name without its kind
NO_STEM = "路街道巷区站里"  # what ends a stem that is more often the beginning of another name
HALF_STEM = "港桥庄村"  # the same, unless a road with a name of its own follows: 花桥绿地大道
NUMBERED = f"[{PART}前后新老上下大小环]"  # 太平北三道街 and 月浦六村 are one name
ROAD = expression(
    rf"(?![镇乡街]|{NUMBERED}{{0,3}}(?:支|道)?(?:大?道|大?街|路|巷)){HAN}{{2,5}}?(?:公路|大道|大街|路|街(?!道)|巷)"
)
# A road with a name of two characters and more. 大桥路 and 工业大道 go on with the name before them.
OWN_ROAD = expression(
    rf"(?!{NUMBERED}{{0,3}}(?:大桥|桥|山|河|江|湖|海|城|门|庄|村|区|环|港|[大中小]?学|医院|[火汽]?车站|[市广]场|公园|工业|产业|科技|商[业贸务]|开发|农[场贸]"
    rf"|圩|墟|林场|政府|水库|码头|园区|新[村区城]|市区|老街|古[镇城]|文化|体育|教育|行政|物流|创[业新]|经济|国际|步行))"
    rf"(?![镇乡街办]|{NUMBERED}{{1,3}}(?:支|道)?(?:大?道|大?街|路)){HAN}{{2,3}}(?:大道|大街|路|街(?!道))(?![路街道巷村镇乡口社小])"
)
VILLAGE = expression(
    rf"(?![镇乡街]|{NUMBERED}[村庄屯寨])(?:{HAN}{{1,3}}?[庄屯寨]|{HAN}{{1,4}}?村)(?![东西南北中]?[路街巷镇乡村委])"
)


def bare_town(detail: str, county: str, matcher: Matcher) -> tuple[str, str]:
    """Return the code of the town that a detail begins with, and the detail without it; ``("", "")`` if none does.

    Args:
        detail: what stands behind the county.
        county: code of the county, or of a city without counties.
        matcher: has the table.
    """
    towns = matcher.names.towns
    stems = towns.stems_at(detail, 0, county)
    for length in range(LONGEST_STEM, 1, -1) if stems else ():
        stem = detail[:length]
        if stem not in stems or len(detail) <= length + 1 or stem in called_around(county, matcher):
            continue  # 延庆区延庆通惠南路: the county may be said twice, or its city
        line = read(detail).plain
        town = towns.called(stem, county)
        if not town or stem[-1] in NO_STEM or town_stem(matcher.table.names[town]) != stem:
            return "", ""
        if begins_with_village(line[length:], town, matcher.table):
            return town, detail[length:]  # 东莞大岭山杨屋
        if not may_bear(town, county, matcher):
            return "", ""
        of_town = not matcher.table.names[town].endswith("街道") or county in were_counties(matcher)
        half = stem[-1] in HALF_STEM or (GENERIC.fullmatch(stem) and stem[-1] not in "城关区门")
        if GENERIC.fullmatch(stem) and not half:
            return "", ""
        if half and not (of_town and OWN_ROAD.match(line, length)):
            return "", ""
        place = _road(line, length, county, of_town) or _village(line, length, county, matcher)
        return (town, detail[length:]) if place else ("", "")
    return "", ""


def called_around(county: str, matcher: Matcher) -> set[str]:
    """Return the names without their kind of a county and of what lies around it."""
    around = matcher.table.path(county).divisions
    return {form for division in around for form in (region_stem(division.name), short_name(division.name))}


def may_bear(town: str, county: str, matcher: Matcher) -> bool:
    """Whether a town is no subdistrict of a district: larger areas there have the same name.

    In a district that was a county before the subdistricts were towns: 宝安沙井新沙路.
    """
    names = matcher.table.names
    return not (names[town].endswith("街道") and names[county].endswith("区")) or county in were_counties(matcher)


@cache
def were_counties(matcher: Matcher) -> frozenset[str]:
    """Return the codes of the districts that were a county or a county-level city before."""
    former = (name for name in load_former() if name.kind == "county" and name.name[-1] in OWN_KINDS)
    return frozenset(name.successor for name in former if matcher.table.names[name.successor].endswith("区"))


def _road(line: str, at: int, county: str, own: bool) -> bool:
    """Whether a road stands at a position that is known in the city, and not together with what is before it.

    Args:
        line: the text.
        at: the position.
        county: code of the county.
        own: whether an unknown road with a name of its own counts too.
    """
    found = ROAD.match(line, at)
    if found is None:
        return False
    roads = load_roads()
    if roads.cities.get(line[: found.end()]):
        return False
    known = roads.city_of(county) in roads.cities.get(found.group(), ())
    return known or (own and OWN_ROAD.match(line, at) is not None)


def _village(line: str, at: int, county: str, matcher: Matcher) -> bool:
    """Whether a village stands at a position whose name is known, but not together with what is before it."""
    found = VILLAGE.match(line, at)
    if found is None:
        return False
    whole = matcher.small_names.whole
    known = any(len(whole.counties(name)) for name in {found.group(), village_stem(found.group())})
    return known and not len(whole.counties(line[: found.end()]))
