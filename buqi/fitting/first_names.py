"""Count which first names tell where a place lies: ``python -m buqi.fitting.first_names ADDRESSES.tsv --out FILE``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from buqi.address.evidence.named_after import COMMONNESS, LEVELS
from buqi.address.first_names import KINDS, FirstNames
from buqi.divisions import load_matcher
from buqi.fitting.command import run
from buqi.fitting.shares import NameKey, Shares, counties_of, placed_addresses, resources_of


def lines_of(shares: Shares[NameKey]) -> list[str]:
    """Return the lines of the file: kind, level, how common the name is, share that is true, how many were seen."""
    made = {(kind, level, common) for kind in KINDS for level in LEVELS[1:] for common in range(len(COMMONNESS) + 1)}
    lines = []
    for at in sorted(made | set(shares.seen)):
        alike = [key for key in shares.seen if key[1:] == at[1:] and (key[0] in KINDS) == (at[0] in KINDS)]
        lines.append("\t".join([*map(str, at), f"{shares.share(at, alike):.3f}", str(shares.seen[at])]))
    return lines


def main(
    addresses: Annotated[Path, typer.Argument(help="tsv (.gz): province, city, county, rest.")],
    out: Annotated[Path, typer.Option(help="Where first_names.tsv goes.")],
) -> None:
    """Count in full addresses how often what a first name says is so; a `UsageError` if a column is missing."""
    matcher, shares = load_matcher(), Shares[NameKey]()
    names = FirstNames(resources_of(matcher))
    for code, rest in placed_addresses(addresses, counties_of(matcher.table)):
        for name in names.names(rest):
            shares.add((name.kind, name.level, name.common), code.startswith(name.code))
    out.write_text("\n".join(("kind\tlevel\tcommon\tshare\tseen", *lines_of(shares), "")), encoding="utf-8")


if __name__ == "__main__":
    run(main)
