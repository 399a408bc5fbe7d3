"""What the names of towns and villages say about the rest of an address.

鼓楼区中央路1号 lies in Nanjing, not in Fuzhou: 中央路 is in the name of a community there. Pieces of two and three
characters of the rest are looked up in all names of towns and villages of each candidate's county; a piece speaks for
a county as far as it is commoner there than in the country (a smoothed unigram model over pieces, as in language-model
retrieval: Zhai & Lafferty, SIGIR 2001). A village of the candidate's own town, written out, speaks louder.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from buqi.divisions.join import stem
from buqi.divisions.names import short_name
from buqi.divisions.table import Table, village_stem

PIECES = (2, 3)
# Weights in the matcher's units, chosen on real addresses that are not in the benchmark (docs/divisions.md).
SMOOTHING = 4.0
COUNTY = 0.4
CITY = 0.25
SIZE = 0.3  # of equal names the place with more villages and communities is meant a little more often
SMALL = 20
TOWN_SIZE = 0.3
VILLAGE = 0.6  # for each character of the village's name, up to four
SEAT = 0.6
MOST = 5.0
NUMBERS = re.compile(r"[0-9a-zA-Z#]+|号.*|[（(].*")
# Pieces that stand in addresses everywhere.
COMMON = re.compile(r"[东西南北中]?(?:大道|大街|路|街|巷|弄|村|镇|乡|组|号)+$")


class Evidence:
    """Names below the counties, in pieces, by county and by city. Built when first needed (about 1.5 s, 90 MB).

    Args:
        table: the table whose towns and villages are read.
    """

    def __init__(self, table: Table) -> None:
        self.table = table
        counties = sorted({town.parent for town in table.at("town")})
        cities = sorted({code[:4] for code in counties})
        self.number = {code: i for i, code in enumerate(counties)}
        names = [self._names(code) for code in counties]
        texts = ["\n".join([*found, ""]) for found in names]
        self.size = np.log(np.array([self._communities(code) for code in counties]) + SMALL)
        points = np.frombuffer("".join(texts).encode("utf-32-le"), dtype=np.uint32).astype(np.int64)
        lengths = np.array([len(text) for text in texts])
        self.city = np.array([cities.index(code[:4]) for code in counties])
        owner = np.repeat(np.arange(len(counties)), lengths)
        self.pieces = (Pieces(points, owner, lengths), Pieces(points, self.city[owner], np.bincount(self.city, lengths)))

    def _names(self, county: str) -> list[str]:
        names = []
        for town in self.table.towns_below(county):
            names.append(town.name)
            names += [village_stem(v.name) for v in self.table.villages(town.code)]
        return names

    def _communities(self, county: str) -> int:
        """Return how many urban communities a county has, the nearest to its size that the table knows."""
        villages = (v for town in self.table.towns_below(county) for v in self.table.villages(town.code))
        return sum("社区" in v.name or "居" in v.name for v in villages)

    def of(self, codes: Sequence[str], rest: str, read: str = "") -> list[tuple[float, tuple[str, ...]]]:
        """Return, for each candidate, how much ``rest`` speaks for it and which names did.

        Args:
            codes: the candidates: counties, towns, or cities without counties.
            rest: the text behind the names that were read.
            read: the names that were read; pieces of them say nothing new (永兴镇永兴街).
        """
        place = NUMBERS.sub(" ", rest)[:16]
        pieces = [place[i : i + n] for n in PIECES for i in range(len(place) - n + 1)]
        pieces = [p for p in dict.fromkeys(pieces) if " " not in p and p not in read and not COMMON.fullmatch(p)]
        owners = np.array([self.number.get(self.table.county_of(code), -1) for code in codes])
        scores = np.where(owners >= 0, SIZE * self.size[owners], 0.0)
        if pieces:
            grams = np.array([_key(p) for p in pieces], dtype=np.int64)
            near = COUNTY * self.pieces[0].scores(grams, owners) + CITY * self.pieces[1].scores(grams, self.city[owners])
            scores = scores + np.where(owners >= 0, np.minimum(near, MOST), 0.0)
        for i, code in enumerate(codes):
            if len(code) == 9:
                scores[i] += TOWN_SIZE * math.log(len(self.table.villages(code)) + 3)
        found = []
        for code, score in zip(codes, scores.tolist(), strict=True):
            village = self._village(code, rest, read) if len(code) == 9 else ""
            score += VILLAGE * min(len(village_stem(village)), 4) + SEAT * self._seat(code)
            found.append((score, (village,) if village else ()))
        return found

    def _seat(self, code: str) -> bool:
        """Whether a town bears its county's name: 蒙山镇 of 蒙山县, commonly the seat."""
        division = self.table.by_code[code]
        return len(code) == 9 and stem(division.name) == short_name(self.table.by_code[division.parent].name)

    def _village(self, town: str, rest: str, read: str) -> str:
        """Return the longest village name of a town that ``rest`` holds."""
        names = [v.name for v in self.table.villages(town)]
        named = [name for name in names if (s := village_stem(name)) in rest and len(s) > 1 and s not in read]
        return max(named, key=len, default="")


class Pieces:
    """How often each piece of two or three characters stands in the names of each place.

    Args:
        points: code points of all names, a line feed behind each.
        owner: number of the place that each point belongs to, below 4096.
        sizes: characters by place.
    """

    def __init__(self, points: NDArray[np.int64], owner: NDArray[np.int64], sizes: NDArray[Any]) -> None:
        keys = np.concatenate([_keys(points, owner, length) for length in PIECES])
        self.keys, counts = np.unique(keys, return_counts=True)
        self.counts = counts.astype(np.int32)
        self.below = np.concatenate([[0], np.cumsum(counts)])
        self.sizes = sizes.astype(np.float64)
        self.total = float(self.sizes.sum())

    def scores(self, grams: NDArray[np.int64], owners: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return, for each place, the summed log of how much commoner the pieces are there than everywhere."""
        low, high = np.searchsorted(self.keys, grams << 12), np.searchsorted(self.keys, (grams + 1) << 12)
        everywhere = self.below[high] - self.below[low] + 1.0
        wanted = (grams[:, None] << 12) | owners[None, :]
        at = np.minimum(np.searchsorted(self.keys, wanted), len(self.keys) - 1)
        here = np.where(self.keys[at] == wanted, self.counts[at], 0)
        expected = everywhere[:, None] / self.total * self.sizes[owners][None, :]
        summed: NDArray[np.float64] = np.log1p(here / (SMOOTHING * expected)).sum(axis=0)
        return summed


def _keys(points: NDArray[np.int64], owner: NDArray[np.int64], length: int) -> NDArray[np.int64]:
    """Return gram and county in one integer for every piece of ``length`` that lies within a name."""
    last = len(points) - length + 1
    gram = np.zeros(last, dtype=np.int64)
    inside = np.ones(last, dtype=bool)
    for i in range(length):
        part = points[i : i + last]
        gram = (gram << 16) | (part & 0xFFFF)
        inside &= part != 10
    return ((gram << 12) | owner[:last])[inside]


@lru_cache(maxsize=100_000)
def _key(piece: str) -> int:
    value = 0
    for character in piece:
        value = (value << 16) | (ord(character) & 0xFFFF)
    return value
