"""``buqi bench laws``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from typer import Option

from buqi.cli.options import Json
from buqi.cli.screen import counting, out, print_json

if TYPE_CHECKING:
    from buqi.bench.laws import Tally


def laws(
    only: Annotated[str, Option(help="Only the laws whose names hold this text.")] = "",
    counties: Annotated[int | None, Option(help="Counties to draw; all if not given.", min=0)] = None,
    towns: Annotated[int | None, Option(help="Towns to draw; all if not given.", min=0)] = None,
    seed: Annotated[int, Option(help="Of the draw.")] = 0,
    workers: Annotated[int, Option(help="Processes.", min=1)] = 2,
    as_json: Json = False,
) -> None:
    """Try the laws of names on every division of the table, without a memory; ends with 1 if one is broken.

    A name in full is that name: alone, with its parents, with anything before, between or behind it. Short names are
    right or refused. Every character of a text comes back.
    """
    from buqi.bench.laws import count_violations, divisions_of
    from buqi.divisions import load_table
    from buqi.errors import UsageError

    chosen = divisions_of(load_table(), towns, counties, seed)
    with counting(len(chosen)) as advance:
        found = count_violations(chosen, workers, only, lambda n: advance("divisions", n))
    if not found:
        raise UsageError(f"--only {only}: no law of that name")
    if as_json:
        print_json({k: {**t.counts, "violations": t.violations, "examples": t.examples} for k, t in found.items()})
    else:
        _print(found)
    if any(tally.violations for tally in found.values()):
        raise typer.Exit(1)


def _print(found: dict[str, Tally]) -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for heading in ("law", "texts", "right %", "refused", "wrong", "lost", "violations"):
        table.add_column(heading, justify="left" if heading == "law" else "right")
    for law, tally in found.items():
        total = tally.counts.total()
        refused = tally.counts["refused"] + tally.counts["less"]
        cells = (total, f"{100 * tally.counts['right'] / total:.2f}", refused, tally.counts["wrong"])
        table.add_row(law, *map(str, cells), str(tally.counts["lost"]), str(tally.violations))
    out.print(table)
    for law, tally in found.items():
        for example in tally.examples:
            out.print(f"{law}: {example}", markup=False, soft_wrap=True)
    texts, broken = (sum(n) for n in zip(*((t.counts.total(), t.violations) for t in found.values()), strict=True))
    out.print(f"{broken:,} violations in {texts:,} texts")
