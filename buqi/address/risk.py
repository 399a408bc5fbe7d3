"""Where an answer is given: thresholds of confidence, one for each kind of proposals.

``python -m buqi.address.risk ROWS.jsonl --memory FOLDER --chooser chooser.json`` chooses them on the rows that the
chooser was fitted on: those that answer most of all slices, while of the addresses that people write at most `MOST` are
answered wrongly, and of no slice more than `CAPS` or `MEMORY_CAPS` allow. No answer is given that is not likelier right
than wrong.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from numpy.typing import NDArray

from buqi.address.answer import Completer
from buqi.address.choose import load_chooser
from buqi.address.completion import Completion
from buqi.address.propose import KINDS
from buqi.divisions import DivisionPath

# How people begin an address without its province: shares of 151,846 registered ones.
MIX = {"S1": 0.751, "N5n": 0.086, "N4": 0.054, "N6": 0.037, "N1": 0.030, "N2": 0.025, "N3": 0.018}
MOST = 0.02
# What may be wrong where a row says less, as a share of the slice; some only where there is a memory. A tenth less than
# is asked of other rows of their kind, since lists differ.
CAPS = {"S3": 0.036, "S5": 0.018, "N3": 0.045}
MEMORY_CAPS = CAPS | {"S2": 0.036, "N4": 0.09, "N5": 0.09, "N5n": 0.09, "N6": 0.072}
STEPS = [round(0.5 + 0.05 * step, 2) for step in range(10)]


@dataclass(frozen=True)
class Outcome:
    """What a kind of proposals gives at a threshold.

    Attributes:
        right: answered rightly, in shares of a slice, summed over the slices.
        wrong: answered wrongly, by slice.
    """

    right: float = 0.0
    wrong: Mapping[str, float] = field(default_factory=dict)

    def __add__(self, other: Outcome) -> Outcome:
        both = self.wrong.keys() | other.wrong.keys()
        return Outcome(self.right + other.right, {s: self.wrong.get(s, 0.0) + other.wrong.get(s, 0.0) for s in both})


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
    return Outcome(right * share, {row["slice"]: wrong * share})


def chosen(found: Mapping[tuple[str, float], Outcome], caps: Mapping[str, float] = CAPS) -> dict[str, float]:
    """Return a threshold for each kind: of all combinations within ``caps`` the one with most right less wrong answers.

    Of equal ones the highest thresholds; those too if nothing keeps within the caps.
    """
    steps = sorted(STEPS, reverse=True)
    plain = found["plain", 0.0]

    def total(value: Callable[[Outcome], float]) -> NDArray[np.float32]:
        """Return the sum over the kinds for every combination of thresholds, one axis for each kind."""
        kinds = np.ix_(*(np.array([value(found[kind, step]) for step in steps], np.float32) for kind in KINDS))
        return np.asarray(sum(kinds) + np.float32(value(plain)))

    slices = sorted(plain.wrong.keys() | {name for outcome in found.values() for name in outcome.wrong})
    wrong = {name: total(lambda outcome, name=name: outcome.wrong.get(name, 0.0)) for name in slices}  # type: ignore[misc]
    allowed = sum(MIX.get(name, 0.0) * share for name, share in wrong.items()) <= MOST
    for name, most in caps.items():
        allowed &= wrong.get(name, np.zeros(1)) <= most
    gain = np.where(allowed, total(lambda outcome: outcome.right) - sum(wrong.values()), -np.inf)
    best = np.unravel_index(int(gain.argmax()), gain.shape)
    return {kind: steps[at] for kind, at in zip(KINDS, best, strict=True)}


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
        record[name]["thresholds"] = chosen(outcomes(read, Completer(known)), MEMORY_CAPS if known else CAPS)
        print(name, record[name]["thresholds"])
    chooser.write_text(json.dumps(record, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    load_chooser.cache_clear()


if __name__ == "__main__":
    typer.run(main)
