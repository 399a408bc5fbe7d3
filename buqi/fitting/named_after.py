"""Count how often names tell where a place lies: ``python -m buqi.fitting.named_after ADDRESSES.tsv --out FILE``."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Annotated

import typer

from buqi.address.counties import Counties
from buqi.address.evidence.base import Resources
from buqi.address.evidence.named_after import COMMONNESS, LEVELS, NAMES_OF, ShortNames
from buqi.divisions import Table, load_matcher
from buqi.fitting.command import read_table, run
from buqi.places.memory import empty_memory

# A share is drawn to that of its kind, and that to a small one, as by so many addresses: nothing is sure.
DRAWN, FEW, SMALL = 4.0, 10.0, 0.05


def shares_of(right: dict[tuple[str, str, int], int], seen: dict[tuple[str, str, int], int]) -> list[list[str]]:
    """Return a line for each kind and level: its name, the level, the shares by how common the short name is."""
    lines = []
    for kind in NAMES_OF:
        for level in LEVELS:
            shares = []
            for common in range(len(COMMONNESS) + 1):
                kinds = [(k, level, common) for k in NAMES_OF if k != "road"] if kind != "road" else []
                usual = (sum(right[k] for k in kinds) + FEW * SMALL) / (sum(seen[k] for k in kinds) + FEW)
                at = kind, level, common
                shares.append(f"{(right[at] + DRAWN * usual) / (seen[at] + DRAWN):.3f}")
            lines.append([kind, level, *shares])
    return lines


def codes_of(table: Table) -> dict[tuple[str, str, str], str]:
    """Return the code of each county by the names of its province, city and itself."""
    found = {}
    for county in table.at("county"):
        path = table.path(county.code)
        found[path.name("province"), path.name("city"), county.name] = county.code
    return found


def main(
    addresses: Annotated[Path, typer.Argument(help="tsv (.gz): province, city, county, rest.")],
    out: Annotated[Path, typer.Option(help="Where named_after.tsv goes.")],
) -> None:
    """Count in full addresses how often a name that holds a division's short name lies in that division.

    Raises:
        UsageError: a column is missing.
    """
    matcher = load_matcher()
    names = ShortNames(Resources(matcher, empty_memory(), Counties(matcher)))
    codes = codes_of(matcher.table)
    right: dict[tuple[str, str, int], int] = defaultdict(int)
    seen: dict[tuple[str, str, int], int] = defaultdict(int)
    for *place, rest in read_table(addresses, ("province", "city", "county", "rest")).iter_rows():
        code = codes.get(tuple(place))
        for _, kind, name in names.named_after(rest) if code else ():
            common = names.commonness(name)
            for level, divisions in names.by_name[name].items():
                seen[kind, level, common] += 1
                right[kind, level, common] += any(code.startswith(d) for d in divisions if code)
    lines = [["kind", "level", *("0", *(f"<={most}" for most in COMMONNESS[1:]), "more")], *shares_of(right, seen)]
    out.write_text("".join("\t".join(line) + "\n" for line in lines), encoding="utf-8")


if __name__ == "__main__":
    run(main)
