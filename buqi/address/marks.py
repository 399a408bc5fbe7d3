"""Columns of features in which few counties have a value, or all counties of a city have the same."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

Numbers: TypeAlias = NDArray[np.int64] | Sequence[int]


class Marks:
    """Values of some counties, 0 for the others. Of several values for a county the highest counts.

    Attributes:
        numbers: for each call of `put`, the numbers of the counties.
        values: for each call of `put`, the value of all these counties.
    """

    __slots__ = ("numbers", "values")

    def __init__(self) -> None:
        self.numbers: list[Numbers] = []
        self.values: list[float] = []

    def put(self, numbers: Numbers, value: float) -> None:
        """Give some counties a value."""
        if len(numbers) and value:
            self.numbers.append(numbers)
            self.values.append(value)


class OfCities(NamedTuple):
    """Values that all counties of a city share.

    Attributes:
        values: (cities,) of each city.
        city: (counties,) the number of each county's city, `Counties.city`.
    """

    values: NDArray[np.float64]
    city: NDArray[np.int64]


# The values of a column: of some counties, of each city, of each county (counties,), or one for all.
Values: TypeAlias = Marks | OfCities | NDArray[np.float64] | float


def every(values: Values, counties: int) -> NDArray[np.float64]:
    """Return the values of a column for each county."""
    if isinstance(values, OfCities):
        return values.values[values.city]
    if not isinstance(values, Marks):
        found: NDArray[Any] = np.broadcast_to(np.asarray(values, dtype=np.float64), counties)
        return found
    highest = np.full(counties, -np.inf)
    for numbers, value in zip(values.numbers, values.values, strict=True):
        highest[numbers] = np.maximum(highest[numbers], value)
    return np.where(np.isneginf(highest), 0.0, highest)
