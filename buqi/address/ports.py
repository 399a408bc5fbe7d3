"""Parts of a city's port: 唐山港曹妃甸港区, 宁波舟山港北仑港区.

They are in the port's city, or in the county of it whose name, or whose town's name, the part has.
"""

from __future__ import annotations

from collections.abc import Sequence

from buqi.address.evidence.named_after import ShortNames
from buqi.divisions import Match
from buqi.divisions.meaning import FULL
from buqi.divisions.table import MUNICIPALITIES
from buqi.divisions.text import read
from buqi.divisions.words import HAN, ROAD_NAMED_AFTER
from buqi.expressions import expression

WORD = expression("港[区區]")
PART = expression(rf"港(?:口|股份|集团|有限公司)*(?P<name>{HAN}{{1,5}}?)港区(?!{ROAD_NAMED_AFTER})")


def port_of(match: Match, text: str, short: ShortNames) -> tuple[str, str]:
    """Return the code of where the part of a port lies, and the text; ``("", "")`` if it names none.

    Args:
        match: what was read. Nothing may be in full.
        text: its address.
        short: the short names.
    """
    if WORD.search(text) is None:
        return "", ""  # most addresses
    used = match.candidates[0].used if match.equal else ()
    if any(name.kind == FULL for name in used):
        return "", ""
    cities: list[str] = []
    plain, at = read(text).plain, 0
    while (name := short.at(plain, at)) and (codes := _cities(name, short)):
        cities, at = cities + codes, at + len(name)
    found = PART.match(plain, at) if cities else None
    if found is None:
        return "", ""
    inside = _called(found["name"], cities, short)
    if len(inside) == 1:
        return inside[0], text
    return (cities[0], text) if len(cities) == 1 else ("", "")  # 宁波舟山港 is in two cities


def _cities(name: str, short: ShortNames) -> list[str]:
    """Return the codes of the cities and municipalities of a short name."""
    levels = short.by_name[name]
    return [code for code in levels.get("province", ()) if code in MUNICIPALITIES] or list(levels.get("city", ()))


def _called(name: str, cities: Sequence[str], short: ShortNames) -> list[str]:
    """Return the codes of the counties of a name in cities, or else of those that its towns are in."""
    for written in (name + "港", name):  # 苏州港张家港区
        counties = short.by_name.get(written, {}).get("county", ())
        if found := [code for code in counties if code.startswith(tuple(cities))]:
            return found
    matcher = short.resources.matcher
    towns = (matcher.names.towns.called(name, city) for city in cities)
    return [matcher.table.county_of(town) for town in towns if town]
