"""New areas and zones of the state by their whole name: 西咸新区, 天津港保税区, 昆山经济技术开发区.

``data/areas.tsv`` has the division that each lies in: a county, or what is around all that it spans. Other zones with
the name of a state's zone come from the list of zones.
"""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache
from typing import NamedTuple

from buqi.address.data_tables import table_rows
from buqi.divisions.words import ROAD_NAMED_AFTER, ZONE_KIND
from buqi.expressions import expression
from buqi.gazetteer.zones import load_zones

AREAS_FILE = "areas.tsv"
# Kinds of zones that the state sets up. Their names are unique in the country.
OF_STATE = expression(
    r"(?:经济技术开发区|高新技术产业开发区|保税港?区|综合(?:保税|实验|试验)区|出口加工区|边境经济合作区)$"
)
ROAD = expression(rf"{ROAD_NAMED_AFTER}|社区|小区")
LEAST_OWN = 2  # characters of a zone's own name before its kind


class Area(NamedTuple):
    """An area in a text.

    Attributes:
        code: of the division that it lies in.
        end: where its name ends.
        of_own: whether it stands in ``data/areas.tsv``.
    """

    code: str
    end: int
    of_own: bool


def area_at(text: str, at: int) -> Area | None:
    """Return the area whose whole name stands in a text, ``None`` if none does.

    Args:
        text: as the matcher reads it.
        at: where the area begins.
    """
    for length in lengths_of_areas().get(text[at : at + 2], ()):
        end = at + length
        code = load_areas().get(text[at:end], "") if end <= len(text) else ""
        if code and ROAD.match(text, end) is None:
            return Area(code, end, text[at:end] in own_areas())
    return None


@lru_cache(maxsize=1)
def load_areas() -> dict[str, str]:
    """Return the codes by the names of the areas."""
    listed: dict[str, set[str]] = defaultdict(set)
    for name, code in load_zones():
        kind = OF_STATE.search(name)
        own = name[: kind.start()] if kind else ""
        if len(own) >= LEAST_OWN and ZONE_KIND.fullmatch(own + "区") is None:
            listed[name].add(code)
    zones = {name: next(iter(codes)) for name, codes in listed.items() if len(codes) == 1}
    return zones | own_areas()


@lru_cache(maxsize=1)
def own_areas() -> dict[str, str]:
    """Return the codes by the names of the areas of ``data/areas.tsv``."""
    _, rows = table_rows(AREAS_FILE)
    return {row[0]: row[1] for row in rows}


@lru_cache(maxsize=1)
def lengths_of_areas() -> dict[str, list[int]]:
    """Return the lengths of the names by their first two characters, the longest first."""
    found: dict[str, set[int]] = defaultdict(set)
    for name in load_areas():
        found[name[:2]].add(len(name))
    return {beginning: sorted(lengths, reverse=True) for beginning, lengths in found.items()}
