"""The counties by number, and which of them lie under a division."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from buqi.address.marks import Marks
from buqi.divisions import Matcher
from buqi.gazetteer.lists import city_code

KEPT = 2000  # tuples of codes whose counties are kept


class Counties:
    """The counties that an address may lie in (and the cities without counties), each with a number.

    Args:
        matcher: knows the table.

    Attributes:
        table: the divisions.
        number: the number of each county, by code, in order.
        codes: the codes of the counties, in the order of their numbers.
        below: numbers of the counties under each province, city and county, by code.
        cities: number of each city by its code, in order: of a municipality, and of a county without a city, its own.
        city: (counties,) the number of each county's city in ``cities``.
        under: returns the numbers of the counties under some divisions, given a tuple of their codes.
    """

    def __init__(self, matcher: Matcher) -> None:
        self.table = matcher.table
        self.number = matcher.small_names.number
        self.codes = list(self.number)
        found: dict[str, list[int]] = {}
        self.cities: dict[str, int] = {}
        city = []
        for code, number in self.number.items():
            path = self.table.path(code)
            city.append(self.cities.setdefault(city_code(path), len(self.cities)))
            for division in path.divisions:
                found.setdefault(division.code, []).append(number)
        self.city = np.array(city)
        self.below = {code: np.array(numbers) for code, numbers in found.items()}
        self.under = lru_cache(maxsize=KEPT)(self._under)

    def __len__(self) -> int:
        return len(self.codes)

    def around(self, code: str) -> NDArray[np.int64] | None:
        """Return the numbers of the counties in a division; for a town the number of the county that it lies in.

        ``None`` in Hong Kong, Macau and Taiwan: the table has no towns there, and no county there has a number.
        """
        return self.below.get(self.table.county_of(code))

    def raise_to(self, value: float, codes: Iterable[str], column: Marks) -> None:
        """Raise a column of features to ``value`` for all counties under some divisions, where it is lower."""
        if value > 0.0:
            column.put(self.under(tuple(codes)), value)

    def _under(self, codes: tuple[str, ...]) -> NDArray[np.int64]:
        found = [self.below[code] for code in codes if code in self.below]
        return np.concatenate(found) if found else np.zeros(0, dtype=np.int64)
