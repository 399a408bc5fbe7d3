"""The lists in ``data/``. Most have a line for each city: its code, then names. Sources: ``data/PROVENANCE.md``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from buqi.divisions import DivisionPath
from buqi.divisions.data_files import data_text

ROADS, LANDMARKS = "roads.tsv", "landmarks.tsv"
ZONES, ZONE_ROADS, ZONE_SIZES = "zones.tsv", "zone_roads.tsv", "zone_sizes.tsv"
AIRPORTS = "airports.tsv"  # their own names: 昌北 for 南昌昌北国际机场
SCENIC = "scenic.tsv"  # scenic places that lie in one county
# Of maps and of official lists. What comes from OpenStreetMap is a file of its own, because its licence is another.
MAPPED_ROADS, PLACES = "osm_roads.tsv.xz", "places.tsv.xz"
ROAD_SHARES = "road_shares.tsv"  # by city: the share of its roads that the lists have


def lines_of(file: str) -> Iterator[list[str]]:
    """Yield the cells of each line of a list."""
    return (line.split("\t") for line in data_text(file, "gazetteer").splitlines())


def reach_of(names: Iterable[str]) -> dict[str, int]:
    """Return the length of the longest of some names by their first two characters."""
    found: dict[str, int] = {}
    for name in names:
        if len(name) > found.get(name[:2], 0):
            found[name[:2]] = len(name)
    return found


def in_order(found: Mapping[str, set[str]]) -> dict[str, list[str]]:
    """Return sets as lists in order."""
    return {name: sorted(codes) for name, codes in found.items()}


def city_code(path: DivisionPath) -> str:
    """Return the code of the city around a county.

    It is the municipality where there is no city, and the county's own code where a province runs the county.
    """
    own = path.divisions[-1].code
    return path.codes.get("city") or (own if own[2:4] == "90" else path.codes["province"])


@lru_cache(maxsize=2)
def load_names(file: str) -> list[tuple[str, str]]:
    """Return (code of the city, name) of `ROADS` or `LANDMARKS`."""
    return [(code, name) for code, names in lines_of(file) for name in names.split()]


def cities_of(name: str) -> list[str]:
    """Return the codes of the places that are known to have a road, landmark or listed place of exactly this name."""
    found = [code for file in (ROADS, LANDMARKS) for code, known in load_names(file) if known == name]
    for file in (MAPPED_ROADS, PLACES):
        found += [line[-2] for line in lines_of(file) if name in line[-1].split()]
    return sorted(set(found))
