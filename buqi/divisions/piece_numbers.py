"""Pieces of text as numbers: what an index has instead of the text."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

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


def numbers_of(texts: Sequence[str]) -> NDArray[np.int64]:
    """Return `number_of` of each of many texts."""
    lengths = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
    points, begins = code_points("".join(texts)), np.cumsum(lengths) - lengths
    found = np.zeros(len(texts), dtype=np.int64)
    for i in range(int(lengths.max(initial=0))):
        longer = np.flatnonzero(lengths > i)
        found[longer] = (found[longer] * PRIME + points[begins[longer] + i]) & BITS
    return found


@lru_cache(maxsize=200_000)
def number_of(piece: str) -> int:
    """Return the number of a piece, as `piece_keys` has it."""
    value = 0
    for character in piece:
        value = (value * PRIME + ord(character)) & BITS
    return value
