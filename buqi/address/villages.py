"""The fifth level: the village or community that the rest of an address begins with, and the town above it."""

from __future__ import annotations

from buqi.divisions import Division, Table
from buqi.divisions.stems import village_stem
from buqi.divisions.words import VILLAGE_ENDS
from buqi.expressions import expression

LONGEST = 12  # characters of a village's name
SHORTEST = 2  # the same, without its kind
# Endings that only villages bear. 中央路 is a community's name too, but written in an address it is the road.
VILLAGE = expression(rf".+(?:{VILLAGE_ENDS})$")
NAMED = expression(r"[村庄屯寨区查]|居委|委会")
# What a town's name makes one name of, and villages are called so too: 新村西路, 天保口岸.
ONE_NAME = expression("[东西南北中前后]{0,2}(?:路|街|巷|大?道|门)|口岸|工业|市场|广场|公园|医院|中心|大桥|车?站")
GOES_ON = expression(r"[路街巷道镇乡桥站港小中新]")  # 罗家村路 is no village


def village_of(detail: str, county: str, town: str, table: Table) -> Division | None:
    """Return the village that ``detail`` begins with, if it is certain.

    Args:
        detail: what stands behind the county or town.
        county: code of the county (or of the city without counties).
        town: code of the town, ``""`` if it is not known. Then only a name that one town of the county has is certain.
        table: has the villages.
    """
    if NAMED.search(detail, 0, LONGEST) is None:
        return None
    names = _villages(table, town or county, detail[:2])
    for length in range(min(len(detail), LONGEST), 1, -1) if names else ():
        village = names.get(detail[:length])
        if village is not None and not GOES_ON.match(detail, length):
            return village
    return None


def begins_with_village(text: str, town: str, table: Table) -> bool:
    """Whether a text begins with the name of a village of a town, also without its kind: 杨屋 for 杨屋村委会."""
    if len(text) < SHORTEST or ONE_NAME.match(text):
        return False
    for village in table.villages(town, text[:SHORTEST]):
        name = village_stem(village.name)
        name = name[:-1] if name.endswith("村") and len(name) > SHORTEST else name
        if text.startswith(name) and GOES_ON.match(text, len(name)) is None:
            return True
    return False


def _villages(table: Table, code: str, beginning: str) -> dict[str, Division]:
    """Return the villages of a town or county whose names begin with some characters.

    Returns:
        Villages by each form of their name. A form that two villages share is left out.
    """
    found: dict[str, Division | None] = {}
    for village in table.villages_below(code, beginning):
        for name in written(village.name):
            found[name] = None if name in found else village
    return {name: village for name, village in found.items() if village is not None}


def written(name: str) -> set[str]:
    """Return how a village's official name is written in addresses: 天度村委会 → 天度村, 飞凤社区居委会 → 飞凤社区."""
    stem, kind = village_stem(name), ""
    suffix = name[len(stem) :]
    if "社区" in name or "居" in suffix:
        kind = "社区"
    elif "村" in suffix:
        kind = "村"
    forms = {name, stem + kind} if kind and not stem.endswith(kind) else {name}
    return forms | ({stem} if VILLAGE.match(stem) else set())
