"""How sure a share is, and whether two contestants differ."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

NORMAL_95 = 1.959964  # a normal variable is nearer to its mean than this many deviations in 95 % of cases
BINS = 10


def interval(hits: Sequence[bool]) -> tuple[float, float]:
    """Return the 95 % score interval of a share (Wilson 1927), which has a width also where all or none are hits."""
    if not (n := len(hits)):
        return 0.0, 0.0
    share, z2 = sum(hits) / n, NORMAL_95**2
    centre, half = share + z2 / (2 * n), NORMAL_95 * math.sqrt(share * (1 - share) / n + z2 / (4 * n * n))
    low, high = ((centre + side * half) / (1 + z2 / n) for side in (-1, 1))
    return max(0.0, low), min(1.0, high)


def mcnemar(only_one: int, only_other: int) -> float:
    """Return the exact two-sided p of McNemar's test (1947): rows that only one of two contestants has right."""
    n, least = only_one + only_other, min(only_one, only_other)
    p: float = 2 * sum(math.comb(n, k) for k in range(least + 1)) / 2**n
    return min(1.0, p)


def calibration(pairs: Sequence[tuple[float, bool]]) -> tuple[float, list[dict[str, float]]]:
    """Return the expected calibration error over ten equal bins (Naeini et al. 2015), and the bins that hold rows."""
    values = np.array(pairs, dtype=float).reshape(-1, 2)
    bins = np.minimum((values[:, 0] * BINS).astype(int), BINS - 1)
    found, error = [], 0.0
    for number in np.unique(bins):
        inside = values[bins == number]
        said, right = inside.mean(0)
        error += abs(said - right) * len(inside) / len(values)
        found.append({"said": round(float(said), 4), "right": round(float(right), 4), "rows": len(inside)})
    return float(error), found


def coverage(pairs: Sequence[tuple[float, bool]], rows: int, points: int = 40) -> list[dict[str, float]]:
    """Return accuracy among the answered rows as more are answered, the surest first."""
    ordered = sorted(pairs, key=lambda pair: -pair[0])
    right = np.cumsum([hit for _, hit in ordered])
    steps = sorted({max(1, round(len(ordered) * k / points)) for k in range(1, points + 1)}) if ordered else ()
    return [
        {"coverage": round(n / rows, 4), "accuracy": round(float(right[n - 1]) / n, 4), "threshold": ordered[n - 1][0]}
        for n in steps
    ]
