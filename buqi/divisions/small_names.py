"""What the names of towns and villages say about the rest of an address.

鼓楼区中央路1号 lies in Nanjing, not in Fuzhou: 中央路 is in the name of a community there. Pieces of the rest are
looked up in all names of towns and villages of each candidate's county (:mod:`buqi.divisions.pieces`). The whole name
of a village in the candidate's own town speaks louder.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from buqi.divisions.names import short_name
from buqi.divisions.piece_numbers import NUMBER_MASK, OWNER_BITS, OWNER_MASK, code_points, number_of, piece_keys
from buqi.divisions.pieces import NUMBERS, Pieces, piece_arrays
from buqi.divisions.stems import town_stem, village_stem
from buqi.divisions.table import OVERSEAS, Table, load_table
from buqi.indexes import Arrays, kept, packed, shipped, unpacked

# Weights in the matcher's units, chosen on real addresses that are not in the benchmark (docs/background/log.md).
SIZE = 0.3  # of equal names the place with more villages and communities is meant a little more often
SMALL = 20
TOWN_SIZE = 0.3
VILLAGE = 0.6  # for each character of the village's name, up to four
SEAT = 0.9
PIECES_MOST = 5.0  # what all pieces together may say
LONGEST_REST = 16  # characters of the rest whose pieces are looked up
LONGEST_NAME = 10
KEPT = 5000  # towns
NUMBER_BITS = NUMBER_MASK.bit_length()
MIXED = 0x2545F4914F6CDD1D & NUMBER_MASK | 1  # a factor after which the first bits of all numbers differ
PART_BITS = NUMBER_BITS - 16  # bits behind those that say the part of a key
NOWHERE = np.zeros(0, dtype=np.int64)


class SmallNames:
    """Names of towns and villages, in pieces, by county and by city.

    Args:
        table: whose towns and villages they are.
        arrays: made of the table by `small_name_arrays`.

    Attributes:
        number: numbers of the counties by code, in order; cities without counties are among them.
        city: (counties,) the number of each county's city.
        size: (counties,) natural logarithm of how many communities each has.
        pieces: what pieces of the names say.
        whole: which counties have a name.
    """

    def __init__(self, table: Table, arrays: Arrays) -> None:
        self.table = table
        self.number = {code: number for number, code in enumerate(unpacked(arrays["counties"]))}
        self.city, self.size = arrays["city"], arrays["size"]
        self._about = lru_cache(maxsize=KEPT)(self._about_town)
        self.pieces, self.whole = Pieces(arrays, self.city), WholeNames(arrays["whole"], arrays["whole_at"])

    def weigh(self, codes: Sequence[str], rest: str, read: str = "") -> list[float]:
        """Return, for each candidate, how much ``rest`` speaks for it.

        Args:
            codes: the candidates: counties, towns, or cities without counties.
            rest: the text behind the names that were read.
            read: the names that were read; pieces of them say nothing new (永兴镇永兴街).
        """
        grams = self.pieces.numbers(NUMBERS.sub(" ", rest)[:LONGEST_REST], read)
        owners = np.array([self.number.get(self.table.county_of(code), -1) for code in codes])
        scores = np.where(owners >= 0, SIZE * self.size[owners], 0.0)
        if len(grams):
            said = np.minimum(self.pieces.said(grams, owners), PIECES_MOST)
            scores = scores + np.where(owners >= 0, said, 0.0)
        pairs = {rest[at : at + 2] for at in range(len(rest) - 1)}
        found: list[float] = []
        for code, score in zip(codes, scores.tolist(), strict=True):
            if len(code) == 9:
                size, seat, begun = self._about(code)
                village = self._village_in(code, rest, read) if not begun.isdisjoint(pairs) else ""
                score += size
                score += VILLAGE * min(len(village), 4) + seat
            found.append(score)
        return found

    def _about_town(self, code: str) -> tuple[float, float, frozenset[str]]:
        """Return what speaks for a town in any text: how many villages it has, and whether it is the county's seat.

        Also how the names of the villages begin: two characters of each.
        """
        villages = self.table.village_names(code)
        begun = frozenset([name[:2] for name in villages])
        return TOWN_SIZE * math.log(len(villages) + 3), SEAT * self._is_seat(code), begun

    def _village_in(self, town: str, rest: str, read: str) -> str:
        """Return the longest name of a town's villages that ``rest`` holds and ``read`` does not, without its kind."""
        begun = [name for name in self.table.village_names(town) if name[:2] in rest]
        named = [name for name in begun if (s := village_stem(name)) in rest and len(s) > 1 and s not in read]
        return village_stem(max(named, key=len, default=""))

    def _is_seat(self, code: str) -> bool:
        """Whether a town bears its county's name: 蒙山镇 of 蒙山县, commonly the seat."""
        division = self.table.by_code[code]
        county = self.table.names[division.parent]
        return county[:2] in division.name and town_stem(division.name) == short_name(county)


def load_small_names(table: Table) -> SmallNames:
    """Return the small names of a table; of the shipped one they are mapped from an index."""
    if table is not load_table():
        return SmallNames(table, small_name_arrays(table))
    return SmallNames(table, kept("small-names", shipped(), lambda: small_name_arrays(table)))


def small_name_arrays(table: Table) -> Arrays:
    """Return what `SmallNames` knows of the towns and villages of a table (2 s).

    A city without counties is numbered as a county. So are the districts of 三亚 and 龙港市, which have no towns.
    """
    listed = {county.code for county in table.at("county") if not county.code.startswith(OVERSEAS)}
    counties = sorted(listed | {town.parent for town in table.at("town")})
    cities = sorted({code[:4] for code in counties})
    city = np.array([cities.index(code[:4]) for code in counties])
    texts, communities = [], []
    for county in counties:
        towns = table.town_names(county)
        villages = [name for town in towns for name in table.village_names(town)]
        texts.append("".join(f"{name}\n" for name in [*towns.values(), *map(village_stem, villages)]))
        # Urban communities are the nearest to a county's size that the table knows.
        communities.append(sum("社区" in name or "居" in name for name in villages))
    known = np.array(communities)
    known[[not text for text in texts]] = np.median(known)  # no list names what lies below
    size = np.log(known + SMALL)
    whole = whole_name_keys(texts)
    own = {"counties": packed(counties), "city": city, "size": size, "whole": whole, "whole_at": parts_of(whole)}
    return {**own, **piece_arrays(texts, city)}


class WholeNames:
    """Which counties have a town or village of a name.

    Args:
        keys: made by `whole_name_keys`.
        parts: where the keys of each part begin in ``keys``, from `parts_of`. The first bits of a key are its part.
    """

    def __init__(self, keys: NDArray[np.int64], parts: NDArray[np.int32]) -> None:
        self.keys = keys
        self._sorted, self._parts = keys.data, parts.data  # one number is sought faster without numpy

    def counties(self, name: str) -> NDArray[np.int64]:
        """Return their numbers, ascending; none if no county has the name."""
        key = number_of(name) * MIXED & NUMBER_MASK
        low, end = self._parts[key >> PART_BITS], self._parts[(key >> PART_BITS) + 1]
        least = key << OWNER_BITS
        low = bisect_left(self._sorted, least, low, end)
        if low == end or self._sorted[low] > least + OWNER_MASK:
            return NOWHERE  # mostly
        return self.keys[low : bisect_left(self._sorted, least + OWNER_MASK + 1, low, end)] & OWNER_MASK


def whole_name_keys(texts: Sequence[str]) -> NDArray[np.int64]:
    """Return each name with each county that has it, both in one integer, ascending.

    Args:
        texts: each county's names, a line feed behind each; at most 4096 counties. Longer names than `LONGEST_NAME` are
            left out.
    """
    points = code_points("\n" + "".join(texts))
    owner = np.repeat(np.arange(len(texts)), [len(text) for text in texts])
    found = []
    for length in range(2, min(LONGEST_NAME + 1, len(owner))):
        key, inside = piece_keys(points[1:], length)
        alone = inside[:-1] & (points[: len(key) - 1] == 10) & (points[length + 1 :] == 10)
        mixed = key[:-1][alone] * MIXED & NUMBER_MASK
        found.append((mixed << OWNER_BITS) | owner[: len(key) - 1][alone])
    return np.unique(np.concatenate(found))


def parts_of(keys: NDArray[np.int64]) -> NDArray[np.int32]:
    """Return where each part of the keys begins, and behind the last part where it ends."""
    parts = np.arange((1 << NUMBER_BITS - PART_BITS) + 1)
    return np.searchsorted(keys >> PART_BITS + OWNER_BITS, parts).astype(np.int32)
