"""The features of several addresses at once, kept sparse.

Most counties have no values but those that are the same for all counties, or that every county has (its size). A whole
row of features is therefore made only for the counties that compete.
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
        shared: (A, C) values that are the same for all counties of an address.
        every: for each address, the numbers of the columns that have a value for each county, with these (n,) values.
        address, county: (rows,) numbers of the addresses, and of their counties, that have values of their own.
        own: (rows, C) these values, without those of ``shared`` and ``every``.
        row: (A × n,) 1 + the row of each county of each address, 0 if it has none.
    """

    def __init__(self, proposals: Sequence[Proposals]) -> None:
        self.proposals, self.counties = proposals, proposals[0].counties
        self.shared = np.zeros((len(proposals), len(FEATURES)))
        self.every: list[list[tuple[int, NDArray[np.float64]]]] = [[] for _ in proposals]
        numbers: list[Any] = []
        places: list[int] = []  # the number of the address × C + the number of the column
        values: list[float] = []
        for number, one in enumerate(proposals):
            for name, column in one.columns.items():
                at = AT[name]
                if isinstance(column, Marks):
                    numbers += column.numbers
                    values += column.values
                    places += [number * len(FEATURES) + at] * len(column.numbers)
                elif isinstance(column, float):
                    self.shared[number, at] = column
                else:
                    self.every[number].append((at, column))
        self._put(numbers, places, values)

    def _put(self, numbers: Sequence[Any], places: Sequence[int], values: Sequence[float]) -> None:
        """Set the counties' own values.

        Args:
            numbers: of counties, an array for each value.
            places: the address and column of each value.
            values: each counts for all counties of its array.
        """
        lengths = np.fromiter(map(len, numbers), dtype=np.int64, count=len(numbers))
        value = np.repeat(np.array(values, dtype=np.float64), lengths)
        address, column = np.divmod(np.repeat(np.array(places, dtype=np.int64), lengths), len(FEATURES))
        county = np.concatenate([np.zeros(0, dtype=np.int64), *numbers])
        flat = address * self.counties + county
        seen = np.zeros(len(self.proposals) * self.counties, dtype=np.bool_)
        seen[flat] = True
        present = np.flatnonzero(seen)
        self.row = np.zeros(len(seen), dtype=np.int32)
        self.row[present] = np.arange(1, len(present) + 1)
        self.own = np.zeros((len(present), len(FEATURES)))
        order = np.argsort(value, kind="stable")  # of several values for a county the last that is put counts
        self.own.reshape(-1)[((self.row[flat] - 1) * len(FEATURES) + column)[order]] = value[order]
        self.address, self.county = np.divmod(present, self.counties)
        nonlinear = np.zeros(len(FEATURES), dtype=np.bool_)
        nonlinear[self._nonlinear()] = True
        self._whole = np.unique(self.row[flat[nonlinear[column]]]) - 1  # rows whose score is more than a sum of columns

    def scores(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the weighted sums of the terms of all counties, (A, n).

        Args:
            weights: of the terms.
        """
        slopes = self._slopes(weights)
        found: NDArray[np.float64] = np.repeat((LAYOUT.terms_of(self.shared) @ weights)[:, None], self.counties, axis=1)
        weight_above = weights[-len(LAYOUT.above[0]) :].tolist()
        above = {at: (least, weight) for at, least, weight in zip(*LAYOUT.above, weight_above, strict=True)}
        ends = np.searchsorted(self.address, np.arange(len(found) + 1)).tolist()  # the addresses stand in order
        scratch = np.empty(self.counties)  # arrays of this size cost more to make than to fill
        for number, (row, every) in enumerate(zip(found, self.every, strict=True)):
            if self.proposals[number].only is not None:
                row[:] = 0.0
                continue
            for at, values in every:
                row += np.multiply(values, slopes[number, at], out=scratch)
                if at in above:
                    least, weight = above[at]
                    np.maximum(np.subtract(values, least, out=scratch), 0.0, out=scratch)
                    row += np.multiply(scratch, weight, out=scratch)
            start, end = ends[number], ends[number + 1]
            row[self.county[start:end]] += self.own[start:end] @ slopes[number]
        address, county = self._in_full()
        found[address, county] = LAYOUT.terms_of(self._rows(address, county)) @ weights
        return found

    def _in_full(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the numbers of addresses and counties whose scores are computed from whole rows of features.

        These are the counties whose score is more than a sum of columns, and those in `Proposals.only`.
        """
        address, county = self.address[self._whole], self.county[self._whole]
        lone = [(number, one.only) for number, one in enumerate(self.proposals) if one.only is not None]
        if not lone:
            return address, county
        others = np.isin(address, [number for number, _ in lone], invert=True)
        address = np.concatenate([address[others], *(np.full(len(only), number) for number, only in lone)])
        county = np.concatenate([county[others], *(only for _, only in lone)])
        order = np.argsort(address, kind="stable")
        return address[order], county[order]

    def features(self, counties: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the features of some counties of each address, (A, K, C).

        Args:
            counties: (A, K) their numbers.
        """
        address = np.repeat(np.arange(len(counties)), counties.shape[1])
        found = self._rows(address, counties.reshape(-1)).reshape(*counties.shape, len(FEATURES))
        for number, one in enumerate(self.proposals):
            if one.only is not None:
                found[number, np.isin(counties[number], one.only, invert=True)] = 0.0
        return found

    def _rows(self, address: NDArray[np.int64], county: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return whole rows of features, (rows, C): the counties' own values and those that all counties have.

        Args:
            address: (rows,) numbers of the addresses, in ascending order.
            county: (rows,) numbers of the counties.
        """
        found: NDArray[np.float64] = self.shared[address]
        row = self.row[address * self.counties + county]
        own = np.flatnonzero(row)
        found[own] += self.own[row[own] - 1]
        ends = np.searchsorted(address, np.arange(len(self.every) + 1)).tolist()  # the addresses stand in order
        for every, start, end in zip(self.every, ends, ends[1:], strict=False):
            some, rows = county[start:end], found[start:end]
            for at, values in every if end > start else ():
                rows[:, at] += values[some]
        return found

    def _slopes(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the slope of the score in each column, (A, C), where all columns beside it are shared."""
        one, other = LAYOUT.products
        found = np.repeat(weights[None, : len(FEATURES)], len(self.proposals), axis=0)
        for a, b, weight in zip(one, other, weights[len(FEATURES) :], strict=False):
            found[:, a] += weight * self.shared[:, b]
            found[:, b] += weight * self.shared[:, a]
        return found

    def _nonlinear(self) -> list[int]:
        """Return the numbers of the columns whose own values are multiplied, or counted above a least value."""
        one, other = LAYOUT.products
        present = {at for every in self.every for at, _ in every}
        beside = [a for a, b in zip(one, other, strict=True) if b in present]
        return sorted({*other, *LAYOUT.above[0], *beside})
