"""The fifth level: the village or community that the rest of an address begins with, and the town above it."""

from __future__ import annotations

import re

from buqi.divisions import Division, Table, load_table
from buqi.divisions.stems import village_stem
from buqi.divisions.words import VILLAGE_ENDS

# Endings that only villages bear. 中央路 is a community's name too, but written in an address it is the road.
VILLAGE = re.compile(rf".+(?:{VILLAGE_ENDS})$")
NAMED = re.compile(r"[村庄屯寨区查]|居委|委会")
GOES_ON = re.compile(r"[路街巷道镇乡桥站港小中新]")  # 罗家村路 is no village


def village_of(detail: str, county: str, town: str = "", table: Table | None = None) -> Division | None:
    """Return the village that ``detail`` begins with, if it is certain.

    Args:
        detail: what stands behind the county or town.
        county: code of the county (or of the city without counties).
        town: code of the town, if it is known. Without it only a name that one town of the county has is certain.
        table: knows the villages; the shipped one if not given.
    """
    if NAMED.search(detail, 0, 12) is None:
        return None
    names = _villages(table or load_table(), town or county, detail[:2])
    for length in range(min(len(detail), 12), 1, -1) if names else ():
        village = names.get(detail[:length])
        if village is not None and not GOES_ON.match(detail, length):
            return village
    return None


def _villages(table: Table, code: str, beginning: str) -> dict[str, Division]:
    """Return the villages of a town or county that begin so, by written name; those that two share are left out."""
    towns = [table.by_code[code]] if len(code) == 9 else table.towns_below(code)
    found: dict[str, Division | None] = {}
    for town in towns:
        for village in table.villages(town.code, beginning):
            for name in written(village.name):
                found[name] = None if name in found else village
    return {name: village for name, village in found.items() if village is not None}


def written(name: str) -> set[str]:
    """Return how a village's official name is written in addresses: 天度村委会 → 天度村, 飞凤社区居委会 → 飞凤社区."""
    stem = village_stem(name)
    kind = "社区" if "社区" in name or "居" in name[len(stem) :] else "村" if "村" in name[len(stem) :] else ""
    forms = {name, stem + kind} if kind and not stem.endswith(kind) else {name}
    return forms | ({stem} if VILLAGE.match(stem) else set())
