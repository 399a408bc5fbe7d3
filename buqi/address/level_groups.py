"""Which county, city and province each county lies in, as numbers that probabilities can be added up by."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from buqi.address.counties import Counties

# For each level of an answer, the levels of the division: the first that the county's path has.
DEPTHS = {"county": ("county", "city"), "city": ("city", "province"), "province": ("province",)}


class LevelGroups:
    """The divisions of each level that an answer may end with.

    Args:
        counties: the counties by number.

    Attributes:
        codes: by level, the codes of its divisions. A city without counties counts as one, a municipality as a city.
            Those at the level of the counties stand in the counties' own order.
        number: by level, (counties,) which of ``codes`` each county lies in.
        first: by level, the number of the first county in each of ``codes``.
    """

    def __init__(self, counties: Counties) -> None:
        self.codes: dict[str, list[str]] = {}
        self.number: dict[str, NDArray[np.int64]] = {}
        for level in DEPTHS:
            around = [_around(counties, code, level) for code in counties.codes]
            self.codes[level] = list(dict.fromkeys(around))
            number = {code: i for i, code in enumerate(self.codes[level])}
            self.number[level] = np.array([number[code] for code in around])
        self.first = {level: [int(counties.below[code][0]) for code in codes] for level, codes in self.codes.items()}

    def sums(self, p: NDArray[np.float64]) -> dict[str, NDArray[Any]]:
        """Return by level the probability of each of its divisions, given that of each county."""
        likely = (p > 0.0).nonzero()[0]
        shares = p.take(likely)
        around = {level: np.bincount(self.number[level].take(likely), shares, 1) for level in ("city", "province")}
        return {"county": p, **around}


def _around(counties: Counties, county: str, level: str) -> str:
    """Return the code of a county's division at a level."""
    codes = {division.level: division.code for division in counties.table.path(county).divisions}
    return next(codes[name] for name in DEPTHS[level] if name in codes)
