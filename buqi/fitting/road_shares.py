"""Count how many of a city's roads the lists have: ``python -m buqi.fitting.road_shares ADDRESSES.tsv --out FILE``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from buqi.address.evidence.mapped_roads import ROAD
from buqi.divisions import Table, load_table
from buqi.fitting.command import run
from buqi.fitting.shares import Names, Shares, placed_addresses
from buqi.gazetteer.lists import city_code
from buqi.gazetteer.mapped_roads import USUAL_SHARE, MappedRoads
from buqi.gazetteer.place_names import place_names

OF_USUAL = 20.0  # roads that the usual share counts for


def city_codes(table: Table) -> dict[Names, str]:
    """Return the code of each county's city (or municipality; its own without either) by the names of its levels."""
    found: dict[Names, str] = {}
    for division in [*table.at("city"), *table.at("county")]:
        path = table.path(division.code)
        found[path.name("province"), path.name("city"), path.name("county") or path.name("city")] = city_code(path)
    return found


def main(
    addresses: Annotated[Path, typer.Argument(help="tsv (.gz): province, city, county, rest.")],
    out: Annotated[Path, typer.Option(help="Where road_shares.tsv goes.")],
) -> None:
    """Count for each city which share of the first roads in its addresses the lists have.

    Raises:
        UsageError: a column is missing.
    """
    roads, shares = MappedRoads(), Shares[str]()
    for city, rest in placed_addresses(addresses, city_codes(load_table())):
        if road := next(filter(ROAD.search, place_names(rest)), None):
            shares.add(city, city in roads.cities.get(road, ()))
    lines = [f"{city}\t{shares.smoothed([city], USUAL_SHARE, OF_USUAL):.2f}\n" for city in sorted(shares.seen)]
    out.write_text("".join(lines), encoding="utf-8")


if __name__ == "__main__":
    run(main)
