"""What the names of towns and villages say about the rest of an address.

鼓楼区中央路1号 lies in Nanjing, not in Fuzhou: 中央路 is in the name of a community there. Pieces of two and three
characters of the rest are looked up in all names of towns and villages of each candidate's county; a piece speaks for
a county as far as it is commoner there than in the country (a smoothed unigram model over pieces, as in language-model
retrieval: Zhai & Lafferty, SIGIR 2001). A village of the candidate's own town, written out, speaks louder.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from buqi.divisions.names import short_name
from buqi.divisions.stems import town_stem, village_stem
from buqi.divisions.table import Table, load_table
from buqi.divisions.words import COMMON_PIECE
from buqi.indexes import Arrays, kept, packed, shipped, unpacked

LENGTHS = (2, 3)  # characters of a piece
# Weights in the matcher's units, chosen on real addresses that are not in the benchmark (docs/background/log.md).
SMOOTHING = 4.0
COUNTY = 0.4
CITY = 0.25
SIZE = 0.3  # of equal names the place with more villages and communities is meant a little more often
SMALL = 20
TOWN_SIZE = 0.3
VILLAGE = 0.6  # for each character of the village's name, up to four
SEAT = 0.9
PIECES_MOST = 5.0  # what all pieces together may say
LONGEST_NAME = 10
UNLISTED = ("71", "81", "82")
NUMBERS = re.compile(r"[0-9a-zA-Z#]+|号.*|[（(].*")


class SmallNames:
    """Names of towns and villages, in pieces, by county and by city. Made in 2 s; `load_small_names` is quicker.

    Args:
        table: the table whose towns and villages are read.
    """

    def __init__(self, table: Table) -> None:
        self.table = table
        # Cities without counties stand for themselves; 三亚's districts and 龙港市 have no towns. Nothing below
        # Hong Kong, Macau and Taiwan is weighed.
        counties = sorted(
            {town.parent for town in table.at("town")}
            | {county.code for county in table.at("county") if not county.code.startswith(UNLISTED)}
        )
        cities = sorted({code[:4] for code in counties})
        self.number = {code: i for i, code in enumerate(counties)}
        self.city = np.array([cities.index(code[:4]) for code in counties])
        communities: list[int] = []
        texts = [self._names(code, communities) for code in counties]
        self.pieces = Pieces(texts, self.city)
        self.whole = WholeNames(texts)
        known = np.array(communities)
        known[[not text for text in texts]] = np.median(known)  # no list names what lies below
        self.size = np.log(known + SMALL)

    def arrays(self) -> Arrays:
        """Return what it holds as arrays; `of` reads them."""
        own = {"counties": packed(self.number), "city": self.city, "size": self.size, "whole": self.whole.keys}
        return own | self.pieces.arrays()

    @classmethod
    def of(cls, table: Table, arrays: Arrays) -> SmallNames:
        """Return what `arrays` gave for a table."""
        found = cls.__new__(cls)
        found.table, found.city, found.size = table, arrays["city"], arrays["size"]
        found.number = {code: i for i, code in enumerate(unpacked(arrays["counties"]))}
        found.pieces, found.whole = Pieces.of(arrays, found.city), WholeNames.of(arrays["whole"])
        return found

    def _names(self, county: str, communities: list[int]) -> str:
        """Return a county's names, a line feed behind each; put its number of urban communities on the list.

        That number is the nearest to a county's size that the table knows.
        """
        towns = self.table.towns_below(county)
        villages = [v.name for town in towns for v in self.table.villages(town.code)]
        communities.append(sum("社区" in name or "居" in name for name in villages))
        return "".join(f"{name}\n" for name in [*(town.name for town in towns), *map(village_stem, villages)])

    def weigh(self, codes: Sequence[str], rest: str, read: str = "") -> list[tuple[float, tuple[str, ...]]]:
        """Return, for each candidate, how much ``rest`` speaks for it and which names did.

        Args:
            codes: the candidates: counties, towns, or cities without counties.
            rest: the text behind the names that were read.
            read: the names that were read; pieces of them say nothing new (永兴镇永兴街).
        """
        place = NUMBERS.sub(" ", rest)[:16]
        grams = self.pieces.numbers(place, read)
        owners = np.array([self.number.get(self.table.county_of(code), -1) for code in codes])
        scores = np.where(owners >= 0, SIZE * self.size[owners], 0.0)
        if len(grams):
            said = np.minimum(self.pieces.scores([grams])[0, owners], PIECES_MOST)
            scores = scores + np.where(owners >= 0, said, 0.0)
        found: list[tuple[float, tuple[str, ...]]] = []
        for code, score in zip(codes, scores.tolist(), strict=True):
            village = ""
            if len(code) == 9:
                names = self.table.village_names(code)
                score += TOWN_SIZE * math.log(len(names) + 3)
                village = _longest_in(rest, names, read)
            score += VILLAGE * min(len(village_stem(village)), 4) + SEAT * self._seat(code)
            found.append((score, (village,) if village else ()))
        return found

    def _seat(self, code: str) -> bool:
        """Whether a town bears its county's name: 蒙山镇 of 蒙山县, commonly the seat."""
        division = self.table.by_code[code]
        return len(code) == 9 and town_stem(division.name) == short_name(self.table.by_code[division.parent].name)


def _longest_in(rest: str, villages: Iterable[str], read: str) -> str:
    """Return the longest name of villages that ``rest`` holds and ``read`` does not."""
    begun = [name for name in villages if name[:2] in rest]
    named = [name for name in begun if (s := village_stem(name)) in rest and len(s) > 1 and s not in read]
    return max(named, key=len, default="")


def load_small_names(table: Table) -> SmallNames:
    """Return the small names of a table; of the shipped one they are mapped from an index."""
    if table is not load_table():
        return SmallNames(table)
    return SmallNames.of(table, kept("small-names", shipped(), lambda: SmallNames(table).arrays()))


class Pieces:
    """How often each piece of some characters stands in the names of each county.

    Args:
        texts: each county's names, a line feed behind each; at most 4096 counties.
        city: number of the city of each county.
        lengths: how many characters a piece has.
    """

    def __init__(self, texts: Iterable[str], city: NDArray[Any], lengths: Sequence[int] = LENGTHS) -> None:
        found: list[tuple[NDArray[np.int64], NDArray[Any]]] = []
        sizes = []
        self.lengths = tuple(lengths)
        for number, text in enumerate(texts):
            points = code_points(text)
            found += [np.unique(_keys(points, number, length), return_counts=True) for length in lengths]
            sizes.append(len(text))
        keys = np.concatenate([keys for keys, _ in found])
        order = np.argsort(keys)
        self.keys = keys[order]
        self.counts = np.concatenate([counts.astype(np.uint16) for _, counts in found])[order]
        self.city = city
        self.sizes = np.array(sizes, dtype=np.float64) + 1.0
        self.city_sizes = np.bincount(city, self.sizes)
        self.total = float(self.sizes.sum())

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return what it holds as arrays; `of` reads them."""
        about = {"lengths": np.array(self.lengths), "total": np.array([self.total])}
        return about | {"keys": self.keys, "counts": self.counts, "sizes": self.sizes}

    @classmethod
    def of(cls, arrays: Arrays, city: NDArray[Any]) -> Pieces:
        """Return what `arrays` gave."""
        found = cls.__new__(cls)
        found.keys, found.counts, found.sizes, found.city = arrays["keys"], arrays["counts"], arrays["sizes"], city
        found.lengths, found.total = tuple(arrays["lengths"].tolist()), float(arrays["total"][0])
        found.city_sizes = np.bincount(city, found.sizes)
        return found

    def numbers(self, text: str, without: str = "") -> NDArray[np.int64]:
        """Return the pieces of ``text`` that say where it lies: none across a space, none that stand in ``without``."""
        found = dict.fromkeys(text[i : i + n] for n in self.lengths for i in range(len(text) - n + 1))
        keys = [_telling(piece) for piece in found if not without or piece not in without]
        return np.array([key for key in keys if key >= 0], dtype=np.int64)

    def rare_in(self, grams: NDArray[np.int64], owners: NDArray[np.int64], most: int) -> bool:
        """Whether one of some counties has a piece that at most ``most`` counties have."""
        low, high = np.searchsorted(self.keys, grams << 12), np.searchsorted(self.keys, (grams + 1) << 12)
        few = [self.keys[a:b] & 4095 for a, b in zip(low.tolist(), high.tolist(), strict=True) if a < b <= a + most]
        return any(np.isin(counties, owners).any() for counties in few)

    def scores(self, grams: Sequence[NDArray[np.int64]]) -> NDArray[np.float64]:
        """Return, for each text and county, how much commoner its pieces are there, and in its city, than everywhere.

        Args:
            grams: the pieces of each text, from `numbers`.

        Returns:
            (texts, counties).
        """
        pieces = np.concatenate([np.zeros(0, dtype=np.int64), *grams])
        low, high = np.searchsorted(self.keys, pieces << 12), np.searchsorted(self.keys, (pieces + 1) << 12)
        known = high > low
        low, lengths = low[known], (high - low)[known]
        if not len(low):
            return np.zeros((len(grams), len(self.sizes)))
        starts = np.cumsum(lengths) - lengths
        at = np.arange(int(lengths.sum())) + np.repeat(low - starts, lengths)
        county, counts = self.keys[at] & 4095, self.counts[at].astype(np.float64)
        common = np.repeat(SMOOTHING * (np.add.reduceat(counts, starts) + 1.0) / self.total, lengths)
        text = np.repeat(np.repeat(np.arange(len(grams)), list(map(len, grams)))[known], lengths)
        here = COUNTY * np.log1p(counts / (common * self.sizes[county]))
        # A piece's counties stand in order, so those of a city stand together.
        city, first = self.city[county], np.zeros(len(at), dtype=bool)
        first[starts] = True
        first[1:] |= city[1:] != city[:-1]
        runs = np.flatnonzero(first)
        city = city[runs]
        around = CITY * np.log1p(np.add.reduceat(counts, runs) / (common[runs] * self.city_sizes[city]))
        size, cities = len(self.sizes), len(self.city_sizes)
        by_city = np.bincount(text[runs] * cities + city, around, len(grams) * cities).reshape(-1, cities)
        by_county = np.bincount(text * size + county, here, len(grams) * size).reshape(-1, size)
        found: NDArray[Any] = by_county + by_city[:, self.city]
        return found


class WholeNames:
    """Which counties have a town or village of a name.

    Args:
        texts: each county's names, a line feed behind each; at most 4096 counties.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        points = code_points("\n" + "".join(texts))
        owner = np.repeat(np.arange(len(texts)), [len(text) for text in texts])
        found = []
        for length in range(2, min(LONGEST_NAME + 1, len(owner))):
            key, inside = piece_keys(points[1:], length)
            alone = inside[:-1] & (points[: len(key) - 1] == 10) & (points[length + 1 :] == 10)
            found.append((key[:-1][alone] << 12) | owner[: len(key) - 1][alone])
        self.keys = np.unique(np.concatenate(found))

    @classmethod
    def of(cls, keys: NDArray[np.int64]) -> WholeNames:
        """Return what has these ``keys``."""
        found = cls.__new__(cls)
        found.keys = keys
        return found

    def counties(self, name: str) -> NDArray[np.int64]:
        """Return their numbers."""
        key = _key(name)
        low, high = np.searchsorted(self.keys, [key << 12, (key + 1) << 12])
        return self.keys[low:high] & 4095


PRIME, BITS = 1_000_003, (1 << 51) - 1  # two characters are told apart exactly, longer pieces all but always


def piece_keys(points: NDArray[np.int64], length: int) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return a number below 2**51 for the piece that begins at each character, and which lie within one line.

    Args:
        points: code points of lines, each closed by a line feed.
        length: of the pieces in characters.
    """
    last = max(len(points) - length + 1, 0)
    key = np.zeros(last, dtype=np.int64)
    inside = np.ones(last, dtype=bool)
    for i in range(length):
        part = points[i : i + last]
        key = (key * PRIME + part) & BITS  # int64 wraps, and the low bits stay those of the product
        inside &= part != 10
    return key, inside


def code_points(text: str) -> NDArray[np.int64]:
    """Return the code points of a text."""
    return np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32).astype(np.int64)


def _keys(points: NDArray[np.int64], owner: int, length: int) -> NDArray[np.int64]:
    """Return piece and county in one integer for every piece of ``length`` that lies within a name."""
    key, inside = piece_keys(points, length)
    return ((key << 12) | owner)[inside]


@lru_cache(maxsize=200_000)
def _telling(piece: str) -> int:
    """Return the number of a piece; -1 of one that says nothing about where a text lies."""
    return -1 if " " in piece or COMMON_PIECE.fullmatch(piece) else _key(piece)


@lru_cache(maxsize=200_000)
def _key(piece: str) -> int:
    value = 0
    for character in piece:
        value = (value * PRIME + ord(character)) & BITS
    return value
