"""The town that the rest of an address names, where the table or a memory make it certain."""

from __future__ import annotations

import re
from collections.abc import Mapping

from buqi.address.villages import village_of
from buqi.divisions import Division, DivisionPath, Matcher
from buqi.divisions.stems import town_stem
from buqi.divisions.text import read
from buqi.gazetteer.place_names import place_names
from buqi.places import Memory

ZONE = re.compile(r"(?:[\u4e00-\u9fff]{0,6}?(?:新区|新城|开发区|高新区|经开区)){1,2}")
TOWN_ENDS = frozenset("道镇乡木")
AFTER = re.compile(r"\s*[)）]?\s*$")
# A house or a separator stands before the town; a bracket where one is closed behind it.
BEFORE = re.compile(r"(?<=[号楼室栋幢座院层])[\s,，;；、]*$|[\s,，;；、]+$")
BEFORE_CLOSED = re.compile(r"[\s,，;；、]*[(（]\s*$")


def deepest(
    path: DivisionPath, detail: str, matcher: Matcher, memory: Memory
) -> tuple[DivisionPath, Division | None, str]:
    """Return ``path`` with its town where table or memory make it certain, the village that is named, the detail.

    The detail is empty where it is the town's name without its kind.
    """
    table, code = matcher.table, path.divisions[-1].code
    town = code if len(code) == 9 else ""
    county = table.county_of(code)
    if len(county) == 2 or table.has_counties(county):
        return path, None, detail  # only a city or a province is known
    village = village_of(detail.lstrip(), county, town, table)
    if not town and village is not None:
        town = village.parent
    elif not town:
        town, cut = _at_end(detail, table.town_names(county)) if AFTER.sub("", detail)[-1:] in TOWN_ENDS else ("", "")
        if not town:
            town, cut = _in_front(detail, county, matcher)
        if town:
            return table.path(town), village, cut
        town = matcher.names.towns.called(read(detail).plain, county)
        if not town and memory:
            town = memory.town(place_names(detail), county)
    if town and town != code:
        path = table.path(town)
        name, plain = path.divisions[-1].name, read(detail).plain
        if detail.startswith(name):  # named after all: nothing is said twice
            return table.path(county), village, detail
        if plain == town_stem(name) or plain == name:
            return path, village, ""
    return path, village, detail


def _in_front(detail: str, county: str, matcher: Matcher) -> tuple[str, str]:
    """Return the code of a county's town behind a zone, and the detail without it."""
    if zone := ZONE.match(detail):
        rest = detail[zone.end() :]
        found = {name: code for code, name in matcher.table.town_names(county).items() if rest.startswith(name)}
        name = max(found, key=len, default="")
        return found.get(name, ""), zone.group() + rest[len(name) :]
    return "", ""


def _at_end(detail: str, towns: Mapping[str, str]) -> tuple[str, str]:
    """Return the code of the town whose whole name ends a detail behind a house, and the detail without it."""
    text = AFTER.sub("", detail)
    found = {name: code for code, name in towns.items() if text.endswith(name)}
    name = max(found, key=len, default="")
    pattern = BEFORE_CLOSED if detail[len(text) :].strip() else BEFORE
    before = pattern.search(text[: -len(name)]) if name else None
    return (found[name], text[: before.start()]) if before and before.start() else ("", "")
