"""Where an answer is given: thresholds of confidence, one for each kind of proposals.

``python -m buqi.address.risk ROWS.jsonl --memory FOLDER --chooser chooser.json`` chooses them on the rows that the
chooser was fitted on: those that answer most of all slices, while of the addresses that people write at most `MOST` are
answered wrongly. No answer is given that is not likelier right than wrong.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Annotated, Any

import typer

from buqi.address.answer import Completer
from buqi.address.choose import load_chooser
from buqi.address.completion import Completion
from buqi.address.propose import KINDS
from buqi.divisions import DivisionPath

# How people begin an address without its province: shares of 151,846 registered ones.
MIX = {"S1": 0.751, "N5n": 0.086, "N4": 0.054, "N6": 0.037, "N1": 0.030, "N2": 0.025, "N3": 0.018}
MOST = 0.02
STEPS = [round(0.5 + 0.05 * step, 2) for step in range(10)]


@dataclass(frozen=True)
class Outcome:
    """What a kind of proposals gives at a threshold, in shares of a slice summed over the slices.

    Attributes:
        right: answered rightly.
        wrong: answered wrongly.
        mixed: answered wrongly, as shares of `MIX`.
    """

    right: float = 0.0
    wrong: float = 0.0
    mixed: float = 0.0

    def __add__(self, other: Outcome) -> Outcome:
        return Outcome(self.right + other.right, self.wrong + other.wrong, self.mixed + other.mixed)

    def __sub__(self, other: Outcome) -> Outcome:
        return Outcome(self.right - other.right, self.wrong - other.wrong, self.mixed - other.mixed)


def outcomes(rows: Sequence[dict[str, Any]], completer: Completer) -> dict[tuple[str, float], Outcome]:
    """Return the outcome of each kind at each threshold; ``plain`` readings at 0."""
    sizes: Counter[str] = Counter()
    for row in rows:
        sizes[row["slice"]] += row.get("weight", 1.0)
    found = dict.fromkeys([("plain", 0.0), *product(KINDS, STEPS)], Outcome())
    for row in rows:
        share = row.get("weight", 1.0) / sizes[row["slice"]]
        read = completer.read(row["input"])
        if isinstance(read, Completion):
            found["plain", 0.0] += _outcome(row, read.path, share)
            continue
        ways = [
            (completer.matcher.table.path(code), confidence, level)
            for level, code, confidence in completer.depths(read, completer.model.probabilities(read.features))
        ]
        for step in STEPS:
            given = next((path for path, sure, level in ways if sure >= completer.needs(step, level)), None)
            if given is not None:
                found[read.kind, step] += _outcome(row, given, share)
    return found


def _outcome(row: dict[str, Any], path: DivisionPath, share: float) -> Outcome:
    levels = ("province", "city", "county") if row["county"] else ("province", "city")
    right = all(path.name(level) == row[level] for level in levels)
    wrong = any(path.name(level) and path.name(level) != row[level] for level in levels)
    return Outcome(right * share, wrong * share, wrong * share * MIX.get(row["slice"], 0.0))


def chosen(found: dict[tuple[str, float], Outcome], most: float = MOST) -> dict[str, float]:
    """Return a threshold for each kind: from never answering, the step that buys the most right for the least wrong."""
    given = dict.fromkeys(KINDS, STEPS[-1])
    while True:
        total = sum((found[kind, least] for kind, least in given.items()), found["plain", 0.0])
        steps = []
        for kind, least in product(KINDS, STEPS):
            gain = found[kind, least] - found[kind, given[kind]]
            if least < given[kind] and gain.right > 0 and total.mixed + gain.mixed <= most:
                steps.append((gain.right / max(gain.wrong, 1e-9), kind, least))
        if not steps:
            return given
        _, kind, least = max(steps)
        given[kind] = least


def main(
    rows: Annotated[Path, typer.Argument(help="The rows that the chooser was fitted on.")],
    memory: Annotated[Path, typer.Option(help="The memory that it was fitted with.")],
    chooser: Annotated[Path, typer.Option(help="The file whose thresholds are chosen; the shipped one is read.")],
) -> None:
    """Choose the thresholds and write them into the chooser's numbers."""
    from buqi.places.memory import Memory, empty_memory, load_memory

    read = [json.loads(line) for line in rows.read_text(encoding="utf-8").splitlines()]
    record = json.loads(chooser.read_text(encoding="utf-8"))
    learnt = load_memory(memory)
    for name, known in (("table", empty_memory()), ("memory", Memory(learnt.frame)), ("large", learnt)):
        record[name]["thresholds"] = chosen(outcomes(read, Completer(known)))
        print(name, record[name]["thresholds"])
    chooser.write_text(json.dumps(record, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    load_chooser.cache_clear()


if __name__ == "__main__":
    typer.run(main)
