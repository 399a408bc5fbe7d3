"""How much commoner a piece of text is in the names of a county, and of its city, than everywhere.

It is a smoothed unigram model over pieces, as in language-model retrieval (Zhai & Lafferty, SIGIR 2001).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from buqi.divisions.piece_numbers import OWNER_BITS, OWNER_MASK, code_points, number_of, piece_keys, positions, ranges
from buqi.divisions.words import COMMON_ENDS, COMMON_PIECE
from buqi.expressions import expression
from buqi.indexes import Arrays

LENGTHS = (2, 3)  # characters of a piece
# Weights in the matcher's units, chosen on real addresses that are not in the benchmark (docs/background/log.md).
SMOOTHING = 4.0
COUNTY = 0.4
CITY = 0.25
NUMBERS = expression(r"[0-9a-zA-Z#]+|号.*|[（(].*")  # what is blanked before a text is taken in pieces


class Pieces:
    """What each piece of text says of each county.

    Args:
        arrays: made by `piece_arrays`.
        city: (counties,) the number of each county's city.
    """

    def __init__(self, arrays: Arrays, city: NDArray[Any]) -> None:
        self._arrays, self.city = arrays, city
        self.lengths: tuple[int, ...] = tuple(arrays["lengths"].tolist())
        self._cities = int(city.max()) + 1

    def numbers(self, text: str, without: str = "") -> NDArray[np.int64]:
        """Return the pieces of ``text`` that say where it lies: none across a space, none that stand in ``without``."""
        found = dict.fromkeys(text[i : i + n] for n in self.lengths for i in range(len(text) - n + 1))
        keys = [_telling(piece) for piece in found if not without or piece not in without]
        return np.array([key for key in keys if key >= 0], dtype=np.int64)

    def rare(self, grams: NDArray[np.int64], most: int) -> frozenset[int]:
        """Return the numbers of the counties that have a piece which at most ``most`` counties have."""
        at, known = positions(self._arrays["pieces"], grams)
        begins = self._arrays["counties_at"]
        low, high = begins[at[known]].tolist(), begins[at[known] + 1].tolist()
        few = [self._arrays["county"][a:b].tolist() for a, b in zip(low, high, strict=True) if b <= a + most]
        return frozenset(chain.from_iterable(few))

    def scores(self, grams: Sequence[NDArray[np.int64]]) -> NDArray[np.float64]:
        """Return, for each text and county, how much commoner its pieces are there, and in its city, than everywhere.

        Args:
            grams: the pieces of each text, from `numbers`.

        Returns:
            (texts, counties).
        """
        arrays = self._arrays
        at, known = positions(arrays["pieces"], np.concatenate([np.zeros(0, dtype=np.int64), *grams]))
        at, text = at[known], np.repeat(np.arange(len(grams)), list(map(len, grams)))[known]
        counties, cities = (len(grams), len(self.city)), (len(grams), self._cities)
        found = _summed(at, text, arrays["counties_at"], arrays["county"], arrays["here"], counties)
        of_cities = _summed(at, text, arrays["cities_at"], arrays["in_city"], arrays["around"], cities)
        found += of_cities.take(self.city, axis=1)
        return found

    def said(self, grams: NDArray[np.int64], counties: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return what `scores` does of one text, for some counties only: (counties,)."""
        arrays = self._arrays
        at, known = positions(arrays["pieces"], grams)
        at = at[known]
        here = _of_one(at, arrays["counties_at"], arrays["county"], arrays["here"], len(self.city))
        around = _of_one(at, arrays["cities_at"], arrays["in_city"], arrays["around"], self._cities)
        found: NDArray[np.float64] = here[counties] + around[self.city[counties]]
        return found


def piece_arrays(
    texts: Iterable[str], city: NDArray[Any], lengths: Sequence[int] = LENGTHS, least: float = 0.0
) -> Arrays:
    """Return what `Pieces` knows of the names of counties.

    Args:
        texts: each county's names, a line feed behind each; at most 4096 counties.
        city: (counties,) the number of each county's city.
        lengths: how many characters a piece has.
        least: characters that all names have at least; what is not in the texts holds no piece of them.
    """
    found: list[tuple[NDArray[np.int64], NDArray[Any]]] = []
    sizes = []
    for number, text in enumerate(texts):
        points = code_points(text)
        found += [np.unique(_keys(points, number, length), return_counts=True) for length in lengths]
        sizes.append(len(text))
    keys = np.concatenate([keys for keys, _ in found])
    order = np.argsort(keys)
    counts = np.concatenate([counts.astype(np.uint16) for _, counts in found])[order]
    weighed = _weighed(keys[order], counts, np.array(sizes, dtype=np.float64) + 1.0, city, least)
    return {"lengths": np.array(lengths), **weighed}


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
    county = keys & OWNER_MASK
    at = np.flatnonzero(np.diff(keys >> OWNER_BITS, prepend=-1))
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
        "pieces": keys[at] >> OWNER_BITS,
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
    places = ranges(low, lengths)
    cells = np.repeat(text * shape[1], lengths) + owner[places]
    sums = np.bincount(cells, values[places], shape[0] * shape[1])  # whole numbers if there are no pieces
    return np.asarray(sums, dtype=np.float64).reshape(shape)


def _of_one(
    at: NDArray[np.int64], begins: NDArray[Any], owner: NDArray[Any], values: NDArray[Any], owners: int
) -> NDArray[np.float64]:
    """Return what `_summed` does of one text."""
    parts = list(zip(begins[at].tolist(), begins[at + 1].tolist(), strict=True))  # few: a slice of each is quickest
    if not parts:
        return np.zeros(owners)
    owned, said = [owner[a:b] for a, b in parts], [values[a:b] for a, b in parts]
    found: NDArray[Any] = np.bincount(np.concatenate(owned), np.concatenate(said), owners)
    return found


def _keys(points: NDArray[np.int64], owner: int, length: int) -> NDArray[np.int64]:
    """Return piece and county in one integer for every piece of ``length`` that lies within a name."""
    key, inside = piece_keys(points, length)
    return ((key << OWNER_BITS) | owner)[inside]


@lru_cache(maxsize=200_000)
def _telling(piece: str) -> int:
    """Return the number of a piece; -1 of one that says nothing about where a text lies."""
    common = piece[-1] in COMMON_ENDS and COMMON_PIECE.fullmatch(piece) is not None
    return -1 if common or " " in piece else number_of(piece)
