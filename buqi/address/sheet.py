"""The features of several addresses at once, kept sparse.

Most counties have no values but those that are the same for all counties, that all counties of a city have, or that
every county has (its size). A whole row of features is therefore made only for the counties that compete.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from buqi.address.evidence import FEATURES
from buqi.address.layout import LAYOUT
from buqi.address.marks import Marks, OfCities
from buqi.address.proposals import AT, Proposals

Columns = dict[int, NDArray[np.float64]]  # values by the number of the column


class Sheet:
    """The columns of several addresses.

    Args:
        proposals: of these addresses; A of them, with n counties and C columns.

    Attributes:
        shared: (A, C) values that are the same for all counties of an address.
        alike: columns that have a value for each county, (n,), and the same ones for each address.
        every: other columns that have a value for each county, (A, n).
        of_cities: columns that have a value for each city, (A, cities).
        city: (n,) the number of each county's city.
        only: by the number of an address, (n,) whether a county is one of the only ones that have features.
        address, county: (rows,) numbers of the addresses, and of their counties, that have values of their own.
        at: (rows,) both in one: address × n + county.
        own: (1 + rows, C) these values, without all those that are named before; the first row is 0.
        row: (A × n,) the row of each county of each address in ``own``, 0 if it has none.
    """

    def __init__(self, proposals: Sequence[Proposals]) -> None:
        self.proposals, self.counties = proposals, proposals[0].counties
        self.shared = np.zeros((len(proposals), len(FEATURES)))
        arrays = {name: some for name, some in proposals[0].columns.items() if isinstance(some, np.ndarray)}
        alike = {name: some for name, some in arrays.items() if all(one.columns.get(name) is some for one in proposals)}
        self.alike: Columns = {AT[name]: values for name, values in alike.items()}
        self.every: Columns = {}
        self.of_cities: Columns = {}
        self.city = np.zeros(self.counties, dtype=np.int64)
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
                elif isinstance(column, OfCities):
                    self._put_row(self.of_cities, number, at, column.values)
                    self.city = column.city
                elif name not in alike:
                    self._put_row(self.every, number, at, column)
        self._put(numbers, places, values)
        self.only: dict[int, NDArray[np.bool_]] = {}
        for number, one in enumerate(proposals):
            if one.only is not None:
                self.only[number] = np.zeros(self.counties, dtype=np.bool_)
                self.only[number][one.only] = True

    def _put_row(self, columns: Columns, number: int, at: int, values: NDArray[np.float64]) -> None:
        """Set the values of an address in a column."""
        if at not in columns:
            columns[at] = np.zeros((len(self.proposals), len(values)))
        columns[at][number] = values

    def _put(self, numbers: Sequence[Any], places: Sequence[int], values: Sequence[float]) -> None:
        """Set the counties' own values.

        Args:
            numbers: of counties, an array for each value.
            places: the address and column of each value.
            values: each counts for all counties of its array.
        """
        order = sorted(range(len(values)), key=values.__getitem__)  # of several values the last that is put counts
        some = [numbers[number] for number in order]
        lengths = np.fromiter(map(len, some), dtype=np.int64, count=len(some))
        value = np.repeat(np.array([values[number] for number in order], dtype=np.float64), lengths)
        place = np.repeat(np.array([places[number] for number in order], dtype=np.int64), lengths)
        address, column = np.divmod(place, len(FEATURES))
        flat = address * self.counties + np.concatenate([np.zeros(0, dtype=np.int64), *some])
        seen = np.zeros(len(self.proposals) * self.counties, dtype=np.bool_)
        seen[flat] = True
        self.at = np.flatnonzero(seen)
        self.row = np.zeros(len(seen), dtype=np.int32)
        self.row[self.at] = np.arange(1, len(self.at) + 1)
        self.own = np.zeros((1 + len(self.at), len(FEATURES)))
        self.own.reshape(-1)[self.row[flat] * len(FEATURES) + column] = value
        self.address, self.county = np.divmod(self.at, self.counties)
        nonlinear = np.zeros(len(FEATURES), dtype=np.bool_)
        nonlinear[self._nonlinear()] = True
        whole = np.zeros(1 + len(self.at), dtype=np.bool_)
        whole[self.row[flat[nonlinear[column]]]] = True
        self._whole = np.flatnonzero(whole[1:])  # rows whose score is more than a sum of columns

    def scores(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the weighted sums of the terms of all counties, (A, n).

        Args:
            weights: of the terms.
        """
        cases: dict[bytes, int] = {}  # what all counties share differs little from address to address
        case = np.array([cases.setdefault(row.tobytes(), len(cases)) for row in self.shared])
        shared = np.frombuffer(b"".join(cases)).reshape(len(cases), -1)
        slopes, sums = self._slopes(weights, shared), LAYOUT.terms_of(shared) @ weights
        raised, least = LAYOUT.above
        above = {at: pair for at, *pair in zip(raised, least, weights[-len(least) :], strict=True)}
        alike, cities = np.repeat(sums[:, None], self.counties, axis=1), np.zeros((len(case), self.city.max() + 1))
        for at, values in self.alike.items():
            alike += _said(values, slopes[:, at, None], *above.get(at, ()))
        for at, values in self.of_cities.items():
            cities += _said(values, slopes[case, at, None], *above.get(at, ()))
        found = alike.take(case, axis=0)
        found += cities.take(self.city, axis=1)
        for at, values in self.every.items():
            found += _said(values, slopes[case, at, None], *above.get(at, ()))
        ends = (1 + np.searchsorted(self.address, np.arange(len(case) + 1))).tolist()  # the addresses stand in order
        own = [self.own[a:b] @ slope for a, b, slope in zip(ends, ends[1:], slopes[case], strict=False)]
        found.reshape(-1)[self.at] += np.concatenate(own)  # all at once would be spread over threads: too little work
        for number in self.only:
            found[number] = 0.0
        address, county = self._in_full()
        found[address, county] = LAYOUT.terms_of(self._rows(address, county)) @ weights
        return found

    def _in_full(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the numbers of addresses and counties whose scores are computed from whole rows of features.

        These are the counties whose score is more than a sum of columns, and those in `Proposals.only`.
        """
        address, county = self.address[self._whole], self.county[self._whole]
        if not self.only:
            return address, county
        others = np.ones(len(self.proposals), dtype=np.bool_)
        others[list(self.only)] = False
        lone = [(number, np.flatnonzero(only)) for number, only in self.only.items()]
        address, county = address[others[address]], county[others[address]]
        address = np.concatenate([address, *(np.full(len(only), number) for number, only in lone)])
        county = np.concatenate([county, *(only for _, only in lone)])
        order = np.argsort(address, kind="stable")
        return address[order], county[order]

    def features(self, counties: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the features of some counties of each address, (A, K, C).

        Args:
            counties: (A, K) their numbers.
        """
        address = np.repeat(np.arange(len(counties)), counties.shape[1])
        found = self._rows(address, counties.reshape(-1)).reshape(*counties.shape, len(FEATURES))
        for number, only in self.only.items():
            found[number, ~only[counties[number]]] = 0.0
        return found

    def _rows(self, address: NDArray[np.int64], county: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return whole rows of features, (rows, C): the counties' own values and all others.

        Args:
            address: (rows,) numbers of the addresses, in ascending order.
            county: (rows,) numbers of the counties.
        """
        found: NDArray[np.float64] = self.shared.take(address, axis=0)
        found += self.own.take(self.row.take(address * self.counties + county), axis=0)
        for at, values in self.alike.items():
            found[:, at] += values[county]
        for at, values in self.every.items():
            found[:, at] += values[address, county]
        city = self.city[county]
        for at, values in self.of_cities.items():
            found[:, at] += values[address, city]
        return found

    def _slopes(self, weights: NDArray[np.float64], shared: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the slope of the score in each column, (cases, C), where all columns beside it are ``shared``."""
        of_products = np.zeros((len(FEATURES), len(FEATURES)))
        of_products[LAYOUT.products] = weights[len(FEATURES) : -len(LAYOUT.above[0])]
        return weights[: len(FEATURES)] + shared @ (of_products + of_products.T)

    def _nonlinear(self) -> list[int]:
        """Return the numbers of the columns whose own values are multiplied, or counted above a least value."""
        one, other = LAYOUT.products
        present = {*self.alike, *self.every, *self.of_cities}
        beside = [a for a, b in zip(one.tolist(), other.tolist(), strict=True) if b in present]
        return sorted({*other, *LAYOUT.above[0], *beside})


def _said(values: NDArray[np.float64], slope: Any, least: float = 0.0, weight: float = 0.0) -> NDArray[np.float64]:
    """Return what a column adds to the scores: its values × their slope, and what is above ``least`` × ``weight``."""
    if not weight:
        return np.asarray(values * slope)
    if values.min() < least:
        return np.asarray(values * slope + np.maximum(values - least, 0.0) * weight)
    return np.asarray(values * (slope + weight) - least * weight)
