"""Count which first names tell where a place lies: ``python -m buqi.fitting.first_names ADDRESSES.tsv --out FILE``."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from buqi.address.counties import Counties
from buqi.address.evidence.base import Resources
from buqi.address.evidence.named_after import COMMONNESS, LEVELS
from buqi.address.first_names import KINDS, FirstNames
from buqi.divisions import load_matcher
from buqi.fitting.command import read_table, run
from buqi.fitting.named_after import codes_of
from buqi.places.memory import empty_memory

Key = tuple[str, str, int]  # kind, level, how common the name is

# The share of a kind is drawn to that of all kinds, and that to a small one, as by so many addresses: nothing is sure.
DRAWN, FEW, SMALL = 4.0, 10.0, 0.05


def lines_of(right: Counter[Key], seen: Counter[Key]) -> list[str]:
    """Return the lines of the file: kind, level, how common the name is, share that is true, how many were seen."""
    lines = []
    made = {(kind, level, common) for kind in KINDS for level in LEVELS[1:] for common in range(len(COMMONNESS) + 1)}
    for kind, level, common in sorted(made | set(seen)):
        alike = [at for at in seen if at[1:] == (level, common) and (at[0] in KINDS) == (kind in KINDS)]
        usual = (sum(right[at] for at in alike) + FEW * SMALL) / (sum(seen[at] for at in alike) + FEW)
        at = kind, level, common
        lines.append(f"{kind}\t{level}\t{common}\t{(right[at] + DRAWN * usual) / (seen[at] + DRAWN):.3f}\t{seen[at]}")
    return lines


def main(
    addresses: Annotated[Path, typer.Argument(help="tsv (.gz): province, city, county, rest.")],
    out: Annotated[Path, typer.Option(help="Where first_names.tsv goes.")],
) -> None:
    """Count in full addresses how often what a first name says is so.

    Raises:
        UsageError: a column is missing.
    """
    matcher = load_matcher()
    names = FirstNames(Resources(matcher, empty_memory(), Counties(matcher)))
    codes = codes_of(matcher.table)
    right: Counter[Key] = Counter()
    seen: Counter[Key] = Counter()
    for *place, rest in read_table(addresses, ("province", "city", "county", "rest")).iter_rows():
        code = codes.get(tuple(place))
        for name in names.names(rest) if code else ():
            seen[name.kind, name.level, name.common] += 1
            right[name.kind, name.level, name.common] += bool(code and code.startswith(name.code))
    text = "\n".join(("kind\tlevel\tcommon\tshare\tseen", *lines_of(right, seen), ""))
    out.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    run(main)
