"""Count how many of a city's roads the lists have: ``python -m buqi.fitting.road_shares ADDRESSES.tsv --out FILE``."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from buqi.address.evidence.mapped_roads import ROAD
from buqi.divisions import Table, load_table
from buqi.fitting.command import read_table, run
from buqi.gazetteer.mapped_roads import USUAL_SHARE, MappedRoads
from buqi.gazetteer.place_names import place_names

DRAWN = 20.0  # a city's share is drawn to the usual one as by so many roads


def cities_of(table: Table) -> dict[tuple[str, str, str], str]:
    """Return the code of each county's city (or municipality; its own without either) by the names of its levels."""
    found = {}
    for division in [*table.at("city"), *table.at("county")]:
        path = table.path(division.code)
        codes, under_province = path.codes, division.code[2:4] == "90"
        city = codes.get("city") or (division.code if under_province else codes["province"])
        found[path.name("province"), path.name("city"), path.name("county") or path.name("city")] = city
    return found


def main(
    addresses: Annotated[Path, typer.Argument(help="tsv (.gz): province, city, county, rest.")],
    out: Annotated[Path, typer.Option(help="Where road_shares.tsv goes.")],
) -> None:
    """Count for each city which share of the first roads in its addresses the lists have.

    Raises:
        UsageError: a column is missing.
    """
    cities, roads = cities_of(load_table()), MappedRoads()
    seen: Counter[str] = Counter()
    known: Counter[str] = Counter()
    for province, city, county, rest in read_table(addresses, ("province", "city", "county", "rest")).iter_rows():
        code = cities.get((province, city, county))
        road = next((name for name in place_names(rest) if ROAD.search(name)), "")
        if code and road:
            seen[code] += 1
            known[code] += code in roads.cities.get(road, ())
    lines = [f"{code}\t{(known[code] + DRAWN * USUAL_SHARE) / (seen[code] + DRAWN):.2f}\n" for code in sorted(seen)]
    out.write_text("".join(lines), encoding="utf-8")


if __name__ == "__main__":
    run(main)
