"""What speaks for the counties, for several addresses at once.

For most counties nothing speaks but what is the same for all, or what every county has (its size). So a whole row of
features is made only for those that compete.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from buqi.address.evidence import FEATURES
from buqi.address.layout import LAYOUT
from buqi.address.marks import Marks
from buqi.address.proposals import AT, Proposals


class Sheet:
    """The columns of several addresses.

    Args:
        proposals: of these addresses; A of them, with n counties and C columns.

    Attributes:
        shared: (A, C) what all counties of an address have.
        every: for each address, the columns that have a value for every county, with these values.
        address, county: (rows,) the counties that have values of their own, by address.
        own: (rows, C) these values; ``shared`` and ``every`` are not in them.
    """

    def __init__(self, proposals: Sequence[Proposals]) -> None:
        self.proposals, self.counties = proposals, proposals[0].counties
        self.shared = np.zeros((len(proposals), len(FEATURES)))
        marks: list[tuple[int, int, Marks]] = []
        self.every: list[list[tuple[int, NDArray[np.float64]]]] = [[] for _ in proposals]
        for number, one in enumerate(proposals):
            for name, values in one.columns.items():
                if isinstance(values, Marks):
                    marks.append((number, AT[name], values))
                elif isinstance(values, float):
                    self.shared[number, AT[name]] = values
                else:
                    self.every[number].append((AT[name], values))
        self._put(marks)

    def _put(self, marks: Sequence[tuple[int, int, Marks]]) -> None:
        numbers: list[Any] = [some for _, _, column in marks for some in column.numbers]
        lengths = list(map(len, numbers))
        values = np.repeat([value for _, _, column in marks for value in column.values], lengths)
        puts = [(number, at) for number, at, column in marks for _ in column.numbers]
        where = np.repeat(np.array(puts, dtype=np.int64).reshape(-1, 2), lengths, axis=0)
        county = np.concatenate([np.zeros(0, dtype=np.int64), *numbers]).astype(np.int64)
        flat = where[:, 0] * self.counties + county
        self.row = np.zeros(len(self.proposals) * self.counties, dtype=np.int32)  # 1 + the row of each county, or 0
        self.row[flat] = 1
        present = np.flatnonzero(self.row)
        self.row[present] = np.arange(1, len(present) + 1)
        own = np.full((len(present), len(FEATURES)), -np.inf)
        np.maximum.at(own.reshape(-1), (self.row[flat] - 1) * len(FEATURES) + where[:, 1], values)
        own[np.isneginf(own)] = 0.0
        self.own, self.address, self.county = own, present // self.counties, present % self.counties

    def first(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the sums of the weighed terms of all counties, (A, n).

        Args:
            weights: of the terms.
        """
        columns = self._slopes(weights)
        found: NDArray[np.float64] = np.repeat((LAYOUT.terms_of(self.shared) @ weights)[:, None], self.counties, axis=1)
        weight_above = weights[-len(LAYOUT.above[0]) :].tolist()
        above = {at: (least, weight) for at, least, weight in zip(*LAYOUT.above, weight_above, strict=True)}
        for row, slopes, every in zip(found, columns, self.every, strict=True):
            for at, values in every:
                row += slopes[at] * values
                if at in above:
                    least, weight = above[at]
                    row += weight * np.maximum(values - least, 0.0)
        whole = self.own[:, self._special()].any(axis=1)
        alone = ~whole
        found[self.address[alone], self.county[alone]] += np.einsum(
            "rc,rc->r", self.own[alone], columns[self.address[alone]]
        )
        rows = self._rows(self.address[whole], self.county[whole], self.own[whole])
        found[self.address[whole], self.county[whole]] = LAYOUT.terms_of(rows) @ weights
        for number, one in enumerate(self.proposals):
            if one.only is not None:
                kept = found[number, one.only]
                found[number] = 0.0
                found[number, one.only] = kept
        return found

    def features(self, counties: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the features of some counties of each address, (A, K, C).

        Args:
            counties: (A, K) their numbers.
        """
        address = np.repeat(np.arange(len(counties)), counties.shape[1])
        county = counties.reshape(-1)
        own = np.zeros((county.size, len(FEATURES)))
        row = self.row[address * self.counties + county]
        own[row > 0] = self.own[row[row > 0] - 1]
        found = self._rows(address, county, own).reshape(*counties.shape, len(FEATURES))
        for number, one in enumerate(self.proposals):
            if one.only is not None:
                found[number, np.isin(counties[number], one.only, invert=True)] = 0.0
        return found

    def _rows(
        self, address: NDArray[np.int64], county: NDArray[np.int64], own: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Return whole rows of features, with what all counties have."""
        found = own + self.shared[address]
        ends = np.searchsorted(address, np.arange(len(self.every) + 1)).tolist()  # the addresses stand in order
        for every, start, end in zip(self.every, ends, ends[1:], strict=False):
            for at, values in every:
                found[start:end, at] += values[county[start:end]]
        return found

    def _slopes(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return what a column adds to the sum where the columns that it is multiplied with are shared, (A, C)."""
        one, other = LAYOUT.products
        found = np.repeat(weights[None, : len(FEATURES)], len(self.proposals), axis=0)
        for a, b, weight in zip(one, other, weights[len(FEATURES) :], strict=False):
            found[:, a] += weight * self.shared[:, b]
            found[:, b] += weight * self.shared[:, a]
        return found

    def _special(self) -> list[int]:
        """Return the columns whose own values make more than a sum: they are multiplied, or counted above a least."""
        one, other = LAYOUT.products
        present = {at for every in self.every for at, _ in every}
        beside = [a for a, b in zip(one, other, strict=True) if b in present]
        return sorted({*other, *LAYOUT.above[0], *beside})
