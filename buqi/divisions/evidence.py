"""What the names of towns and villages say about the rest of an address.

鼓楼区中央路1号 lies in Nanjing, not in Fuzhou: 中央路 is in the name of a community there. Pieces of two and three
characters of the rest are looked up in all names of towns and villages of each candidate's county; a piece speaks for
a county as far as it is commoner there than in the country (a smoothed unigram model over pieces, as in language-model
retrieval: Zhai & Lafferty, SIGIR 2001). A village of the candidate's own town, written out, speaks louder.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from buqi.divisions.table import Table, village_stem

PIECES = (2, 3)
SMOOTHING = 8.0
WEIGHT = 0.35
VILLAGE = 1.5
MOST = 3.5
NUMBERS = re.compile(r"[0-9a-zA-Z#]+|号.*|[（(].*")
# Pieces that stand in addresses everywhere.
COMMON = re.compile(r"[东西南北中]?(?:大道|大街|路|街|巷|弄|村|镇|乡|组|号)+$")


class Evidence:
    """Names below the counties, in pieces. Built when first needed (about 1 s, 60 MB).

    Args:
        table: the table whose towns and villages are read.
    """

    def __init__(self, table: Table) -> None:
        self.table = table
        counties = sorted({town.parent for town in table.at("town")})
        self.number = {code: i for i, code in enumerate(counties)}
        texts = ["\n".join(self._names(code)) for code in counties]
        sizes = np.array([len(t) + 1 for t in texts])
        points = np.frombuffer("\n".join([*texts, ""]).encode("utf-32-le"), dtype=np.uint32).astype(np.int64)
        owner = np.repeat(np.arange(len(counties)), sizes)
        keys = [_keys(points, owner, length) for length in PIECES]
        self.keys, self.counts = np.unique(np.concatenate(keys), return_counts=True)
        self.sizes = sizes.astype(np.float64)
        self.total = float(self.sizes.sum())

    def _names(self, county: str) -> list[str]:
        names = []
        for town in self.table.towns_below(county):
            names.append(town.name)
            names += [village_stem(v.name) for v in self.table.villages(town.code)]
        return names

    def of(self, codes: Sequence[str], rest: str) -> list[tuple[float, tuple[str, ...]]]:
        """Return, for each candidate, how much ``rest`` speaks for it and which names did.

        Args:
            codes: the candidates: counties, towns, or cities without counties.
            rest: the text behind the names that were read.
        """
        place = NUMBERS.sub(" ", rest)[:16]
        pieces = [place[i : i + n] for n in PIECES for i in range(len(place) - n + 1)]
        pieces = [p for p in dict.fromkeys(pieces) if " " not in p and not COMMON.fullmatch(p)]
        found = []
        scores = self._scores(codes, pieces)
        for code, score in zip(codes, scores, strict=True):
            bonus, why = min(WEIGHT * score, MOST), ()
            if len(code) == 9 and (village := self._village(code, rest)):
                bonus, why = bonus + VILLAGE, (village,)
            found.append((bonus, why))
        return found

    def _scores(self, codes: Sequence[str], pieces: Sequence[str]) -> NDArray[np.float64]:
        owners = np.array([self.number.get(self.table.county_of(code), -1) for code in codes])
        if not pieces:
            return np.zeros(len(codes))
        grams = np.array([_key(p) for p in pieces], dtype=np.int64)
        low, high = np.searchsorted(self.keys, grams << 12), np.searchsorted(self.keys, (grams + 1) << 12)
        everywhere = np.array([self.counts[a:b].sum() for a, b in zip(low, high, strict=True)]) + 1.0
        wanted = (grams[:, None] << 12) | owners[None, :]
        at = np.minimum(np.searchsorted(self.keys, wanted), len(self.keys) - 1)
        here = np.where(self.keys[at] == wanted, self.counts[at], 0)
        here = np.where(owners[None, :] >= 0, here, 0)
        expected = everywhere[:, None] / self.total * self.sizes[owners][None, :]
        scores: NDArray[np.float64] = np.log1p(here / (SMOOTHING * expected)).sum(axis=0)
        return scores

    def _village(self, town: str, rest: str) -> str:
        for village in self.table.villages(town):
            stem = village_stem(village.name)
            if len(stem) > 1 and stem in rest:
                return village.name
        return ""


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
