"""A town without its kind that lay in the district that is named, and lies in another one today: 鄞州横街 爱中村.

With its kind the matcher reads it (鄞州区横街镇).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from buqi.address.agreeing import LIKE_ROAD, LONGEST_STEM, PLACE_BEHIND
from buqi.divisions import Matcher
from buqi.divisions.lexicon_names import GENERIC
from buqi.divisions.meaning import FORMER, FULL, SHORT
from buqi.divisions.stems import town_stem
from buqi.divisions.text import read
from buqi.divisions.town_reader import GOES_ON

COUNTY, TOWN = 6, 4  # characters of a county's code; the level of a town
SHORTEST = 2  # characters of a name
NOT_MEANT = frozenset("山村新大小花东西南北中")  # behind the beginning of another name: 三元村, 临平山
DISTRICT = "区"  # between these towns moved


class MovedTown(NamedTuple):
    """A town, and where the detail goes on behind its name."""

    code: str
    end: int


def moved_town(detail: str, county: str, matcher: Matcher) -> MovedTown | None:
    """Return the town that a detail begins with, ``None`` if it is not certain that it was in the county before.

    It is certain where the sources say so, or where no other town of the country has its name.

    Args:
        detail: what stands behind the county.
        county: code of a county that has no such town.
        matcher: has the names.
    """
    table, towns = matcher.table, matcher.names.towns
    city = table.by_code[county].parent if table.names[county].endswith(DISTRICT) else ""
    if not city:
        return None
    reading = read(detail)
    text = reading.plain
    stems = towns.stems_at(text, 0, city)
    for length in range(min(LONGEST_STEM, len(text)), 1, -1) if stems else ():
        stem = text[:length]
        if stem not in stems or stem[-1] in LIKE_ROAD or GENERIC.fullmatch(stem) or GOES_ON.match(text, length):
            continue
        apart = length == len(text) or reading.parted(length)
        follows = apart or PLACE_BEHIND.match(text, length)
        short = any(m.kind == SHORT and m.level < 4 for m in matcher.lexicon.names.get(stem, ()))  # 余杭
        having = _called(stem, table.town_names(city)) if follows and not short else {}
        parted = length < len(text) and apart
        if len(having) == 1 and _was_in(town := next(iter(having)), county, matcher, parted):
            return MovedTown(town, reading.after(length))
        return None
    return None


def left_town(detail: str, county: str, matcher: Matcher) -> str:
    """Return the name without its kind that a detail begins with, if the town of that name lies in another county now.

    The sources must say that it lay in the county (霍邱县三元 is in 叶集区), or the name be all of the detail behind a
    district (武进区新桥). Else ``""``.

    Args:
        detail: what stands behind the county, as the matcher reads it.
        county: its code.
        matcher: has the names.
    """
    if len(county) != COUNTY:
        return ""
    table, towns = matcher.table, matcher.names.towns
    city = table.by_code[county].parent
    stems = towns.stems_at(detail, 0, city) if city else []
    for stem in sorted(set(stems), key=len, reverse=True) if stems else ():
        if not detail.startswith(stem) or len(stem) < SHORTEST or stem in towns.stems(county):
            continue
        if stem[-1] in LIKE_ROAD or GENERIC.fullmatch(stem) or GOES_ON.match(detail, len(stem)):
            continue
        if detail[len(stem) : len(stem) + 1] in NOT_MEANT:
            continue
        having = _called(stem, table.town_names(city)).values()
        named = [meaning for name in set(having) for meaning in matcher.lexicon.names.get(name, ())]
        if any(meaning.kind == FORMER and meaning.level == TOWN and meaning.code == county for meaning in named):
            return stem
        if detail == stem and table.names[county].endswith(DISTRICT):
            return stem
    return ""


def _called(stem: str, towns: Mapping[str, str]) -> dict[str, str]:
    """Return those of some towns, by code, whose names without their kind are ``stem``."""
    return {code: name for code, name in towns.items() if stem in name and town_stem(name) == stem}


def _was_in(town: str, county: str, matcher: Matcher, parted: bool) -> bool:
    """Whether a town that lies in another district lay in a county before.

    Args:
        town: its code.
        county: code of the county.
        matcher: has the names.
        parted: whether more follows behind a separator. Else it must be known: 延庆区中关村延庆园 is no town, and
            云岩区花果园 is an estate in two districts.
    """
    table = matcher.table
    if town.startswith(county) or not table.names[table.by_code[town].parent].endswith(DISTRICT):
        return False
    named = matcher.lexicon.names.get(table.names[town], ())
    lone = parted and sum(meaning.kind == FULL for meaning in named) == 1
    return lone or any(meaning.kind == FORMER and meaning.code == county for meaning in named)
