"""Completions against addresses with known divisions: ``python -m buqi.evaluate.addresses ROWS.jsonl``.

A row is right when province, city and county are all given and right (province and city where the row knows no
county), wrong when a level that is given contradicts it, and refused otherwise. Counties that the row names by a former
name count as today's. Intervals are 95 % percentile bootstrap intervals over rows.
"""

from __future__ import annotations

import json
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import polars as pl
import typer

from buqi.address import Completion
from buqi.address.answer import Completer
from buqi.divisions import load_matcher
from buqi.places import Memory, load_memory
from buqi.places.memory import SCHEMA

DRAWS = 2000
BINS = 10


@dataclass(frozen=True)
class Outcome:
    """One completion against its row; ``scale`` is its confidence where that speaks of what the row knows."""

    slice: str
    right: bool
    wrong: bool
    scale: float | None


def outcome(row: dict[str, Any], found: Completion) -> Outcome:
    """Return how a completion compares with a row of ``{"province", "city", "county", "slice"}``."""
    levels = ("province", "city", "county") if row["county"] else ("province", "city")
    given = found.status in ("complete", "partial")
    right = given and all(found.path.name(level) == row[level] for level in levels)
    wrong = given and any(found.path.name(level) not in ("", row[level]) for level in levels)
    speaks = given and (row["county"] or not found.path.name("county"))
    return Outcome(row["slice"], right, wrong, found.confidence if speaks else None)


def today(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row whose county is today's, if the row names it by a former name."""
    if not row["county"]:
        return row
    best = load_matcher().match(row["province"] + row["city"] + row["county"]).best
    if best is None or best.path.name("province") != row["province"]:
        return row
    return row | {level: best.path.name(level) for level in ("city", "county")}


def interval(hits: Sequence[bool], seed: int = 0) -> tuple[float, float]:
    """Return the 95 % bootstrap interval of a share."""
    values = np.array(hits, dtype=float)
    draws = np.random.default_rng(seed).integers(0, len(values), (DRAWS, len(values)))
    low, high = np.percentile(values[draws].mean(1), (2.5, 97.5))
    return float(low), float(high)


def calibration_error(outcomes: Sequence[Outcome]) -> float:
    """Return the expected calibration error over ten equal bins (Naeini et al. 2015)."""
    pairs = np.array([(o.scale, not o.wrong) for o in outcomes if o.scale is not None], dtype=float)
    if not len(pairs):
        return 0.0
    bins = np.minimum((pairs[:, 0] * BINS).astype(int), BINS - 1)
    gaps = [abs((pairs[bins == b, 0] - pairs[bins == b, 1]).sum()) for b in range(BINS)]
    return float(sum(gaps) / len(pairs))


def table(outcomes: Sequence[Outcome]) -> dict[str, dict[str, Any]]:
    """Return rows, shares right, wrong and refused, and the interval of the share right, by slice."""
    groups: dict[str, list[Outcome]] = defaultdict(list)
    for o in outcomes:
        groups[o.slice].append(o)
    found = {}
    for name, group in sorted(groups.items()):
        right, wrong = [o.right for o in group], [o.wrong for o in group]
        found[name] = {
            "rows": len(group),
            "right": sum(right) / len(group),
            "wrong": sum(wrong) / len(group),
            "refused": 1 - (sum(right) + sum(wrong)) / len(group),
            "interval": interval(right),
        }
    return found


def main(
    rows: Annotated[Path, typer.Argument(help="JSONL of input, province, city, county, slice.")],
    memory: Annotated[Path | None, typer.Option(help="Folder of buqi places; without it the table alone.")] = None,
    threshold: Annotated[float | None, typer.Option(help="Confidence below which no answer is given.")] = None,
    match: Annotated[bool, typer.Option("--match", help="The matcher alone.")] = False,
) -> None:
    """Measure completions."""
    read = [today(json.loads(line)) for line in rows.read_text(encoding="utf-8").splitlines() if line.strip()]
    texts = [row["input"] for row in read]
    completer = Completer(load_memory(memory) if memory else Memory(pl.DataFrame(schema=SCHEMA)), threshold)
    completer.complete("开发区1号")  # builds what is built once
    started = time.perf_counter()
    if match:
        found = [Completion.from_match(m) for m in completer.matcher.match_all(texts)]
    else:
        found = completer.complete_all(texts)
    seconds = time.perf_counter() - started
    outcomes = [outcome(row, completion) for row, completion in zip(read, found, strict=True)]
    for name, shares in table(outcomes).items():
        low, high = shares["interval"]
        typer.echo(
            f"{name:<28}{shares['rows']:>5}  right {shares['right']:6.1%} ({low:.1%} to {high:.1%})  "
            f"wrong {shares['wrong']:5.1%}  refused {shares['refused']:5.1%}"
        )
    typer.echo(f"calibration error {calibration_error(outcomes):.3f}, {len(read) / seconds:.0f} addresses/s")


if __name__ == "__main__":
    typer.run(main)
