"""Count how often names tell where a place lies: ``python -m buqi.fitting.named_after ADDRESSES.tsv --out FILE``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from buqi.address.evidence.named_after import COMMONNESS, LEVELS, NAMES_OF, ShortNames
from buqi.divisions import load_matcher
from buqi.fitting.command import run
from buqi.fitting.shares import NameKey, Shares, counties_of, placed_addresses, resources_of


def lines_of(shares: Shares[NameKey]) -> list[str]:
    """Return a line for each kind and level: its name, the level, the shares by how common the short name is."""

    def share(kind: str, level: str, common: int) -> str:
        others = [other for other in NAMES_OF if other != "road"] if kind != "road" else []
        return f"{shares.share((kind, level, common), [(other, level, common) for other in others]):.3f}"

    columns = range(len(COMMONNESS) + 1)
    return ["\t".join([k, level, *(share(k, level, n) for n in columns)]) for k in NAMES_OF for level in LEVELS]


def main(
    addresses: Annotated[Path, typer.Argument(help="tsv (.gz): province, city, county, rest.")],
    out: Annotated[Path, typer.Option(help="Where named_after.tsv goes.")],
) -> None:
    """Count in full addresses how often a name that holds a division's short name lies in that division.

    Raises:
        UsageError: a column is missing.
    """
    matcher, shares = load_matcher(), Shares[NameKey]()
    names = ShortNames(resources_of(matcher))
    for code, rest in placed_addresses(addresses, counties_of(matcher.table)):
        for _, kind, name in names.named_after(rest):
            common = names.commonness(name)
            for level, divisions in names.by_name[name].items():
                shares.add((kind, level, common), code.startswith(tuple(divisions)))
    head = "\t".join(["kind", "level", "0", *(f"<={most}" for most in COMMONNESS[1:]), "more"])
    out.write_text("\n".join((head, *lines_of(shares), "")), encoding="utf-8")


if __name__ == "__main__":
    run(main)
