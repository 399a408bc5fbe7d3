"""Which counties the names in an address speak for.

A name speaks for a county as far as it is commoner there than in the country: the likelihood ratio of a unigram model
smoothed from country to city to county (Dirichlet smoothing, Zhai & Lafferty, SIGIR 2001). Names are taken whole, and
in pieces of two to four characters: 文一路 says something too where only 文一西路 has been seen.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from buqi.divisions import load_table
from buqi.divisions.pieces import Pieces, piece_arrays
from buqi.divisions.small_names import SmallNames
from buqi.indexes import Arrays, kept
from buqi.places.memory import Memory

PIECE_LENGTHS = (2, 3, 4)
COUNTY, CITY = 2.0, 2.0  # sightings that the share of the wider area counts as
# The memory that the weights were fitted with had so many sightings and characters. A smaller memory does not know how
# common its names are elsewhere. It counts as one of this size whose rest has none of its names.
SIGHTINGS, CHARACTERS = 300_000.0, 1_000_000.0
KEPT = 2000  # names whose votes are kept


class Votes:
    """The names of a memory, by the counties and cities of the table.

    Args:
        memory: one that is not empty.
        small_names: numbers the counties, and knows the city of each.
    """

    def __init__(self, memory: Memory, small_names: SmallNames) -> None:
        number = small_names.number
        self.city = small_names.city
        owners = np.array([number.get(code, -1) for code in memory.codes], dtype=np.int64)
        self.owner = owners[memory.arrays["county"]]
        self.count = memory.arrays["count"].astype(np.float64)
        self._kept_votes = lru_cache(maxsize=KEPT)(self._votes_of_name)
        self.memory, known, counties = memory, self.owner >= 0, len(number)
        self.size = np.bincount(self.owner[known], self.count[known], counties)
        self.city_size = np.bincount(self.city, self.size)
        self.total = max(float(self.size.sum()), SIGHTINGS)
        city_expects = CITY / (self.city_size + CITY)
        self.nowhere = np.log(COUNTY * city_expects[self.city] / (self.size + COUNTY))
        self.of_city = [np.flatnonzero(self.city == city) for city in range(len(self.city_size))]
        if memory.source and small_names.table is load_table():
            arrays = kept("votes", memory.source, self._piece_arrays)
        else:
            arrays = self._piece_arrays()
        self.pieces = Pieces(arrays, self.city)

    def _piece_arrays(self) -> Arrays:
        seen: list[list[str]] = [[] for _ in self.city]
        for name, owner in zip(self.memory.names(), self.owner.tolist(), strict=True):
            if owner >= 0:
                seen[owner].append(name)
        lines = ("".join(f"{name}\n" for name in dict.fromkeys(names)) for names in seen)
        return piece_arrays(lines, self.city, PIECE_LENGTHS, CHARACTERS)

    def names_of_all(self, lists: Sequence[Iterable[str]]) -> NDArray[np.float64]:
        """Return, for each list of names and each county, how much the whole names speak for it."""
        found = np.zeros((len(lists), len(self.size)))
        for whole, names in zip(found, lists, strict=True):
            for name in names:
                counties, values = self._kept_votes(name)
                if len(counties):
                    whole += self.nowhere  # what the name says of a county in whose city it was never seen
                    whole[counties] += values
        return found

    def parts(self, places: Sequence[str]) -> NDArray[np.float64]:
        """Return, for each text and county, how much the pieces of the text speak for it."""
        return self.pieces.scores([self.pieces.numbers(place) for place in places])

    def _votes_of_name(self, name: str) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return the counties of the cities where a name was seen, and its vote for each beside `nowhere`."""
        rows = self.memory.rows_of(name)
        owners, counts = self.owner[rows], self.count[rows]
        owners, counts = owners[owners >= 0], counts[owners >= 0]
        if not len(owners):
            return owners, counts
        share = counts.sum() / self.total
        around = np.bincount(self.city[owners], counts)
        seen = np.flatnonzero(around)
        county = np.concatenate([self.of_city[city] for city in seen.tolist()])
        here = np.bincount(owners, counts, len(self.size))
        city = self.city[county]
        expected = COUNTY * (around[city] / share + CITY) / (self.city_size[city] + CITY)
        values = np.log((here[county] / share + expected) / (self.size[county] + COUNTY)) - self.nowhere[county]
        return county, values
