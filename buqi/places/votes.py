"""Which counties the names in an address speak for.

A name speaks for a county as far as it is commoner there than in the country: the likelihood ratio of a unigram model
smoothed from country to city to county (Dirichlet smoothing, Zhai & Lafferty, SIGIR 2001). Names are taken whole, and
in pieces of three and four characters, so that 文一路 still says something where only 文一西路 has been seen.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from buqi.divisions import load_table
from buqi.divisions.pieces import Pieces, SmallNames
from buqi.indexes import kept
from buqi.places.memory import Memory

PIECE_LENGTHS = (2, 3, 4)
COUNTY, CITY = 2.0, 2.0  # sightings that the share of the wider area counts as
# A memory of one region does not know how common its names are elsewhere: it counts as one of the size that the weights
# were fitted with, with none of its names in the rest.
SIGHTINGS, CHARACTERS = 300_000.0, 1_000_000.0
KEPT = 2000  # names of which it is kept what they say


class Votes:
    """The names of a memory that is not empty, by the counties and cities of the table as ``evidence`` numbers them."""

    def __init__(self, memory: Memory, evidence: SmallNames) -> None:
        number = evidence.number
        self.city = evidence.city
        owners = np.array([number.get(code, -1) for code in memory.codes], dtype=np.int64)
        self.owner = owners[memory.arrays["county"]]
        self.count = memory.arrays["count"].astype(np.float64)
        self._said = lru_cache(maxsize=KEPT)(self._of_name)
        self.memory, known, counties = memory, self.owner >= 0, len(number)
        self.size = np.bincount(self.owner[known], self.count[known], counties)
        self.city_size = np.bincount(self.city, self.size)
        self.total = max(float(self.size.sum()), SIGHTINGS)
        city_expects = CITY / (self.city_size + CITY)
        self.nowhere = np.log(COUNTY * city_expects[self.city] / (self.size + COUNTY))
        self.of_city = [np.flatnonzero(self.city == city) for city in range(len(self.city_size))]
        if memory.source and evidence.table is load_table():
            self.pieces = Pieces.of(kept("votes", memory.source, lambda: self._pieces().arrays()), self.city)
        else:
            self.pieces = self._pieces()

    def _pieces(self) -> Pieces:
        texts: list[list[str]] = [[] for _ in self.city]
        for name, owner in zip(self.memory.names(), self.owner.tolist(), strict=True):
            if owner >= 0:
                texts[owner].append(name)
        return Pieces(
            ("".join(f"{n}\n" for n in dict.fromkeys(t)) for t in texts), self.city, PIECE_LENGTHS, CHARACTERS
        )

    def names(self, names: Iterable[str]) -> NDArray[np.float64]:
        """Return, for each county, how much whole names speak for it."""
        found: NDArray[np.float64] = self.names_of_all([names])[0]
        return found

    def names_of_all(self, lists: Sequence[Iterable[str]]) -> NDArray[np.float64]:
        """Return, for each list of names and each county, how much the whole names speak for it."""
        found = np.zeros((len(lists), len(self.size)))
        for whole, names in zip(found, lists, strict=True):
            for name in names:
                counties, values = self._said(name)
                if len(counties):
                    whole += self.nowhere  # of the counties of cities that have never seen it
                    whole[counties] += values
        return found

    def parts(self, places: Sequence[str]) -> NDArray[np.float64]:
        """Return, for each text and county, how much the pieces of the text speak for it."""
        return self.pieces.scores([self.pieces.numbers(place) for place in places])

    def _of_name(self, name: str) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return the counties of the cities that have seen a name, and what it says of each beside `nowhere`."""
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
