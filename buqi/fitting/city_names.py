"""Count how often a line that begins with a city's short name lies there: ``python -m buqi.fitting.city_names``."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from buqi.address.city_names import ROAD, ZONE
from buqi.address.first_names import FirstNames
from buqi.divisions import load_matcher
from buqi.fitting.command import run
from buqi.fitting.shares import counties_of, names_of, placed_addresses, resources_of

WRITTEN_SO = 0.05  # of a city's addresses so many begin with its short name; people write more, so the share is low
ELSEWHERE = 0.5  # lines elsewhere that are added to those counted


def main(
    addresses: Annotated[Path, typer.Argument(help="tsv (.gz): province, city, county, rest.")],
    out: Annotated[Path, typer.Option(help="Where city_names.tsv goes.")],
) -> None:
    """Count roads and zones elsewhere that begin with a city's short name, and the city's own addresses.

    Raises:
        UsageError: a column is missing.
    """
    matcher = load_matcher()
    table = matcher.table
    names = FirstNames(resources_of(matcher))
    whole = {names_of(table.path(c.code)): c.code for c in table.at("city") if not table.has_counties(c.code)}
    own: Counter[str] = Counter()
    elsewhere: Counter[tuple[str, str]] = Counter()
    for code, rest in placed_addresses(addresses, counties_of(table) | whole):
        own[code[:4]] += 1
        for name in names.cities(rest):
            elsewhere[name.kind, name.code] += not code.startswith(name.code)
    lines = ["kind\tcode\tshare\town\telsewhere"]
    for kind in (ROAD, ZONE):
        for code in sorted(code for code in own if code in table.by_code and table.by_code[code].name.endswith("市")):
            here, other = own[code] * WRITTEN_SO, elsewhere[kind, code]
            lines.append(f"{kind}\t{code}\t{here / (here + other + ELSEWHERE):.3f}\t{own[code]}\t{other}")
    out.write_text("\n".join([*lines, ""]), encoding="utf-8")


if __name__ == "__main__":
    run(main)
