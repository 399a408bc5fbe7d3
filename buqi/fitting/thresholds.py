"""Where an answer is given: thresholds of confidence, one for each kind of proposals.

They are chosen on the rows that the model is fitted on; each row is judged by a model that has not seen it. Chosen are
those with the most right answers over all slices. ``recipe.yaml`` caps the share of wrong answers of each slice and of
the addresses that people write. Caps are lowered by a standard error of what was counted. No threshold is below 0.5.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from buqi.address.completer import Completer
from buqi.address.completion import Completion
from buqi.address.model import CountyModel
from buqi.address.proposal_kinds import PROPOSAL_KINDS
from buqi.address.verdict import needed
from buqi.divisions import LEVELS, DivisionPath
from buqi.fitting.recipe import RECIPE

RAISED = 1.25  # a cap that even the strictest thresholds exceed is raised to their wrong answers times this
STEPS = [round(0.5 + 0.05 * step, 2) for step in range(10)]
FINE = [round(0.5 + 0.01 * step, 2) for step in range(46)]


@dataclass(frozen=True)
class Outcome:
    """What is answered rightly at a threshold, in shares of a slice, summed over the slices; and wrongly, by slice."""

    right: float = 0.0
    wrong: Mapping[str, float] = field(default_factory=dict)

    def __add__(self, other: Outcome) -> Outcome:
        both = self.wrong.keys() | other.wrong.keys()
        return Outcome(self.right + other.right, {s: self.wrong.get(s, 0.0) + other.wrong.get(s, 0.0) for s in both})


def outcomes(
    rows: Sequence[dict[str, Any]], completer: Completer, models: Sequence[CountyModel] = ()
) -> dict[tuple[str, float], Outcome]:
    """Return the outcome of each kind at each threshold; ``plain`` readings at 0.

    ``models`` judge in turn the first, second … row; the completer's all of them if none are given.
    """
    sizes: Counter[str] = Counter()
    for row in rows:
        sizes[row["slice"]] += row.get("weight", 1.0)
    found = dict.fromkeys([("plain", 0.0), *product(PROPOSAL_KINDS, FINE)], Outcome())
    models = models or [completer.model]
    for number, row in enumerate(rows):
        share = row.get("weight", 1.0) / sizes[row["slice"]]
        read = completer.read(row["input"])
        if isinstance(read, Completion):
            found["plain", 0.0] += _outcome(row, read.path, share)
            continue
        p = models[number % len(models)].probabilities(read.features, read.kind)
        ways = [
            (completer.matcher.table.path(code), confidence, level)
            for level, code, confidence in completer.verdicts.depths(read, p)
        ]
        for step in FINE:
            given = next((path for path, sure, level in ways if sure >= needed(step, level)), None)
            if given is not None:
                found[read.kind, step] += _outcome(row, given, share)
    return found


def _outcome(row: dict[str, Any], path: DivisionPath, share: float) -> Outcome:
    names = [(path.name(level), row[level]) for level in LEVELS[: 3 if row["county"] else 2]]
    right = all(given == wanted for given, wanted in names)
    wrong = any(given and given != wanted for given, wanted in names)
    return Outcome(right * share, {row["slice"]: wrong * share})


def chosen(found: Mapping[tuple[str, float], Outcome], caps: Mapping[str, float] | None = None) -> dict[str, float]:
    """Return a threshold for each kind: within ``caps``, those with most right less wrong answers.

    The best of all combinations of `STEPS`, then of `FINE` steps one kind after the other until none gains. Of equal
    ones the highest; those too if nothing keeps within the caps.

    Args:
        found: the outcome of each kind at each threshold, from `outcomes`.
        caps: the share of each slice that may be wrong; the recipe's without a memory if not given.
    """
    strictest = sum((found[kind, max(STEPS)] for kind in PROPOSAL_KINDS), found["plain", 0.0])
    caps = {
        name: max(most, RAISED * strictest.wrong.get(name, 0.0))
        for name, most in (RECIPE.caps() if caps is None else caps).items()
    }
    tried = []
    for step in sorted(STEPS, reverse=True):  # one kind at a time keeps the table of combinations in memory
        given = found["plain", 0.0] + found[PROPOSAL_KINDS[0], step]
        others, gain = _best(given, found, PROPOSAL_KINDS[1:], caps)
        tried.append((gain, {PROPOSAL_KINDS[0]: step, **others}))
    gain, best = max(tried, key=lambda way: way[0])
    return best if gain == -np.inf else _refined(best, found, caps)


def _refined(
    steps: dict[str, float], found: Mapping[tuple[str, float], Outcome], caps: Mapping[str, float]
) -> dict[str, float]:
    """Return ``steps`` moved one kind at a time to where most is gained, until no move gains."""
    kinds = [kind for kind in PROPOSAL_KINDS if (kind, FINE[1]) in found]
    best = _gain(steps, found, caps)
    while True:
        moves = [steps, *({**steps, kind: step} for kind in kinds for step in reversed(FINE))]
        gain, move = max(((_gain(move, found, caps), move) for move in moves), key=lambda way: way[0])
        if gain <= best + 1e-9:
            return steps
        steps, best = move, gain


def _gain(steps: Mapping[str, float], found: Mapping[tuple[str, float], Outcome], caps: Mapping[str, float]) -> float:
    """Return right less wrong answers at some thresholds, minus infinity where a cap is passed."""
    total = sum((found[kind, step] for kind, step in steps.items()), found["plain", 0.0])
    mixed = sum(_share(name) * wrong for name, wrong in total.wrong.items())
    if mixed > RECIPE.most_wrong or any(wrong > caps.get(name, 1.0) for name, wrong in total.wrong.items()):
        return -np.inf
    return total.right - sum(total.wrong.values())


def _share(slice_: str) -> float:
    """Return the share of a slice among the addresses that people write."""
    return RECIPE.slices[slice_].share if slice_ in RECIPE.slices else 0.0


def with_margin(caps: Mapping[str, float], rows: Sequence[dict[str, Any]]) -> dict[str, float]:
    """Return ``caps`` less a standard error each, because the rows of a slice are few."""
    found = {}
    for name, cap in caps.items():
        weights = [row.get("weight", 1.0) for row in rows if row["slice"] == name]
        counted = sum(weights) ** 2 / max(sum(w * w for w in weights), 1e-9)  # rows of equal weight that say as much
        found[name] = max(cap - (cap * (1 - cap) / max(counted, 1.0)) ** 0.5, 0.0)
    return found


def _best(
    given: Outcome, found: Mapping[tuple[str, float], Outcome], kinds: Sequence[str], caps: Mapping[str, float]
) -> tuple[dict[str, float], float]:
    """Return the best combination of thresholds of ``kinds`` beside what is ``given``, and its gain."""
    steps = sorted(STEPS, reverse=True)

    def total(value: Callable[[Outcome], float]) -> NDArray[np.float32]:
        """Return the sum over the kinds for every combination of thresholds, one axis for each kind."""
        parts = np.ix_(*(np.array([value(found[kind, step]) for step in steps], np.float32) for kind in kinds))
        return np.asarray(sum(parts) + np.float32(value(given)))

    slices = sorted(given.wrong.keys() | {name for outcome in found.values() for name in outcome.wrong})
    gain = total(lambda outcome: outcome.right)
    mixed = np.zeros_like(gain)
    for name in slices:
        wrong = total(lambda outcome, name=name: outcome.wrong.get(name, 0.0))  # type: ignore[misc]
        mixed += np.float32(_share(name)) * wrong
        gain -= wrong
        gain[wrong > caps.get(name, 1.0)] = -np.inf
    gain[mixed > RECIPE.most_wrong] = -np.inf
    at = np.unravel_index(int(gain.argmax()), gain.shape)
    return {kind: steps[i] for kind, i in zip(kinds, at, strict=True)}, float(gain[at])
