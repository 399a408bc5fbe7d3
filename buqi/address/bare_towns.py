"""A town without its kind, run together with a road or village in it: 昆山市花桥绿地大道, 睢宁县沙集东风村.

The road must be known in the city, or the village anywhere in the country. The two names together must be no other.
"""

from __future__ import annotations

import re

from buqi.divisions import Matcher
from buqi.divisions.lexicon_names import GENERIC
from buqi.divisions.stems import region_stem, town_stem, village_stem
from buqi.divisions.text import read
from buqi.divisions.words import HAN, PART
from buqi.gazetteer.mapped_roads import load_roads

LONGEST_STEM = 4  # characters of a town's name without its kind
NO_STEM = "路街道巷区站里港桥村庄"  # what ends a stem that is more often the beginning of another name
NUMBERED = f"[{PART}前后新老上下大小环]"  # 太平北三道街 and 月浦六村 are one name
ROAD = re.compile(
    rf"(?![镇乡街]|{NUMBERED}{{0,3}}(?:支|道)?(?:大?道|大?街|路|巷)){HAN}{{2,5}}?(?:公路|大道|大街|路|街(?!道)|巷)"
)
VILLAGE = re.compile(
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
        if stem not in stems or len(detail) <= length + 1 or stem == region_stem(matcher.table.names[county]):
            continue  # 延庆区延庆通惠南路: the county may be said twice
        line = read(detail).plain
        town = towns.called(stem, county)
        if not town or stem[-1] in NO_STEM or GENERIC.fullmatch(stem) or not _is_one(town, stem, county, matcher):
            return "", ""
        place = _road(line, length, county) or _village(line, length, county, matcher)
        return (town, detail[length:]) if place else ("", "")
    return "", ""


def _is_one(town: str, stem: str, county: str, matcher: Matcher) -> bool:
    """Whether a town bears the stem, and is no subdistrict of a district: larger areas there have the same name."""
    names = matcher.table.names
    return town_stem(names[town]) == stem and not (names[town].endswith("街道") and names[county].endswith("区"))


def _road(line: str, at: int, county: str) -> bool:
    """Whether a road stands at a position that is known in the city, and not together with what is before it."""
    found = ROAD.match(line, at)
    roads = load_roads() if found else None
    if found is None or roads is None:
        return False
    city = roads.city_of(county)
    return city in roads.cities.get(found.group(), ()) and not roads.cities.get(line[: found.end()])


def _village(line: str, at: int, county: str, matcher: Matcher) -> bool:
    """Whether a village stands at a position whose name is known, but not together with what is before it."""
    found = VILLAGE.match(line, at)
    if found is None:
        return False
    whole = matcher.small_names.whole
    known = any(len(whole.counties(name)) for name in {found.group(), village_stem(found.group())})
    return known and not len(whole.counties(line[: found.end()]))
