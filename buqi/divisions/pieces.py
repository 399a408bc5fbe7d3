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
from buqi.divisions.piece_numbers import code_points, number_of, piece_keys
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
    """How much commoner each piece of some characters is in the names of each county and city than everywhere.

    Args:
        texts: each county's names, a line feed behind each; at most 4096 counties.
        city: number of the city of each county.
        lengths: how many characters a piece has.
        least: characters that all names have at least; what is not in the texts holds no piece of them.
    """

    def __init__(
        self, texts: Iterable[str], city: NDArray[Any], lengths: Sequence[int] = LENGTHS, least: float = 0.0
    ) -> None:
        found: list[tuple[NDArray[np.int64], NDArray[Any]]] = []
        sizes = []
        for number, text in enumerate(texts):
            points = code_points(text)
            found += [np.unique(_keys(points, number, length), return_counts=True) for length in lengths]
            sizes.append(len(text))
        keys = np.concatenate([keys for keys, _ in found])
        order = np.argsort(keys)
        counts = np.concatenate([counts.astype(np.uint16) for _, counts in found])[order]
        self._hold(_weighed(keys[order], counts, np.array(sizes, dtype=np.float64) + 1.0, city, least), city)
        self.lengths = tuple(lengths)

    def _hold(self, arrays: Arrays, city: NDArray[Any]) -> None:
        self._arrays, self.city = arrays, city
        self.pieces, self._counties, self._cities = arrays["pieces"], arrays["counties_at"], arrays["cities_at"]

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return what it holds as arrays; `of` reads them."""
        return {"lengths": np.array(self.lengths), **self._arrays}

    @classmethod
    def of(cls, arrays: Arrays, city: NDArray[Any]) -> Pieces:
        """Return what `arrays` gave."""
        found = cls.__new__(cls)
        found._hold({name: arrays[name] for name in WEIGHED}, city)
        found.lengths = tuple(arrays["lengths"].tolist())
        return found

    def numbers(self, text: str, without: str = "") -> NDArray[np.int64]:
        """Return the pieces of ``text`` that say where it lies: none across a space, none that stand in ``without``."""
        found = dict.fromkeys(text[i : i + n] for n in self.lengths for i in range(len(text) - n + 1))
        keys = [_telling(piece) for piece in found if not without or piece not in without]
        return np.array([key for key in keys if key >= 0], dtype=np.int64)

    def rare_in(self, grams: NDArray[np.int64], owners: NDArray[np.int64], most: int) -> bool:
        """Whether one of some counties has a piece that at most ``most`` counties have."""
        at, _ = self._known(grams)
        low, high = self._counties[at], self._counties[at + 1]
        few = [self._arrays["county"][a:b] for a, b in zip(low.tolist(), high.tolist(), strict=True) if b <= a + most]
        return any(np.isin(counties, owners).any() for counties in few)

    def scores(self, grams: Sequence[NDArray[np.int64]]) -> NDArray[np.float64]:
        """Return, for each text and county, how much commoner its pieces are there, and in its city, than everywhere.

        Args:
            grams: the pieces of each text, from `numbers`.

        Returns:
            (texts, counties).
        """
        at, known = self._known(np.concatenate([np.zeros(0, dtype=np.int64), *grams]))
        text = np.repeat(np.arange(len(grams)), list(map(len, grams)))[known]
        of, counties, cities = self._arrays, (len(grams), len(self.city)), (len(grams), int(self.city.max()) + 1)
        found = _summed(at, text, self._counties, of["county"], of["here"], counties)
        found += _summed(at, text, self._cities, of["in_city"], of["around"], cities)[:, self.city]
        return found

    def _known(self, grams: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Return where the pieces stand that any county has, and which these are."""
        if not len(self.pieces):
            return np.zeros(0, dtype=np.int64), np.zeros(len(grams), dtype=np.bool_)
        order = np.argsort(grams)  # of numbers in order each is sought near the one before
        at = np.empty_like(grams)
        at[order] = np.minimum(np.searchsorted(self.pieces, grams[order]), len(self.pieces) - 1)
        known = self.pieces[at] == grams
        return at[known], known


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
        key = number_of(name)
        low, high = np.searchsorted(self.keys, [key << 12, (key + 1) << 12])
        return self.keys[low:high] & 4095


WEIGHED = ("pieces", "counties_at", "county", "here", "cities_at", "in_city", "around")


def _weighed(
    keys: NDArray[np.int64], counts: NDArray[Any], sizes: NDArray[np.float64], city: NDArray[Any], least: float
) -> Arrays:
    """Return by piece what it says of each county and city that has it: all that is known before an address is.

    Args:
        keys: pieces and counties in one integer, ascending.
        counts: how often each county has each piece.
        sizes: characters of each county's names.
        city: number of each county's city.
        least: characters of all names at least.

    Returns:
        ``pieces`` (P,) ascending; of piece ``i`` the counties are ``county[counties_at[i]:counties_at[i + 1]]``, and
        ``here`` is what it says of each; ``in_city`` and ``around`` by ``cities_at`` are the same of cities.
    """
    county = keys & 4095
    at = np.flatnonzero(np.diff(keys >> 12, prepend=-1))
    lengths = np.diff(at, append=len(keys))
    often = counts.astype(np.float64)
    total = max(float(sizes.sum()), least)
    common = np.repeat(SMOOTHING * (np.add.reduceat(often, at) + 1.0) / total, lengths) if len(at) else often
    # A piece's counties stand in order, so those of a city stand together.
    first = np.diff(city[county], prepend=-1) != 0
    first[at] = True
    runs = np.flatnonzero(first)
    in_city, city_sizes = city[county[runs]], np.bincount(city, sizes)
    in_run = np.add.reduceat(often, runs) if len(runs) else often
    return {
        "pieces": keys[at] >> 12,
        "counties_at": np.append(at, len(keys)).astype(np.int32),
        "county": county.astype(np.uint16),
        "here": COUNTY * np.log1p(often / (common * sizes[county])),
        "cities_at": np.append(np.searchsorted(runs, at), len(runs)).astype(np.int32),
        "in_city": in_city.astype(np.uint16),
        "around": CITY * np.log1p(in_run / (common[runs] * city_sizes[in_city])),
    }


def _summed(
    at: NDArray[np.int64], text: NDArray[np.int64], begins: NDArray[Any], owner: NDArray[Any], values: NDArray[Any],
    shape: tuple[int, int],
) -> NDArray[np.float64]:  # fmt: skip
    """Return for each text and owner the sum of what the text's pieces say of the owner.

    Args:
        at: where the pieces stand.
        text: numbers of the texts that they are of.
        begins: where the owners of each piece begin.
        owner: the owners of all pieces.
        values: what is said of each.
        shape: texts, owners.
    """
    low = begins[at].astype(np.int64)
    lengths = begins[at + 1] - low
    starts = np.cumsum(lengths) - lengths
    places = np.arange(int(lengths.sum())) + np.repeat(low - starts, lengths)
    cells = np.repeat(text * shape[1], lengths) + owner[places]
    sums = np.bincount(cells, values[places], shape[0] * shape[1])  # whole numbers if there are no pieces
    return np.asarray(sums, dtype=np.float64).reshape(shape)


def _keys(points: NDArray[np.int64], owner: int, length: int) -> NDArray[np.int64]:
    """Return piece and county in one integer for every piece of ``length`` that lies within a name."""
    key, inside = piece_keys(points, length)
    return ((key << 12) | owner)[inside]


@lru_cache(maxsize=200_000)
def _telling(piece: str) -> int:
    """Return the number of a piece; -1 of one that says nothing about where a text lies."""
    return -1 if " " in piece or COMMON_PIECE.fullmatch(piece) else number_of(piece)
