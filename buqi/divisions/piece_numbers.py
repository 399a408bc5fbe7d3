"""Pieces of text as numbers: what an index has instead of the text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

PRIME = 1_000_003
NUMBER_MASK = (1 << 51) - 1  # two characters are told apart exactly, longer pieces all but always
# A piece and who has it are one int64: 51 bits for the piece, behind them 12 bits for the owner's number.
OWNER_BITS = 12
OWNER_MASK = (1 << OWNER_BITS) - 1


def piece_keys(points: NDArray[np.int64], length: int) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return a number below 2**51 for the piece that begins at each character, and which lie within one line.

    Args:
        points: code points of lines, each closed by a line feed.
        length: of the pieces in characters.

    Returns:
        Both (len(points) - length + 1,).
    """
    last = max(len(points) - length + 1, 0)
    key = np.zeros(last, dtype=np.int64)
    inside = np.ones(last, dtype=bool)
    for i in range(length):
        part = points[i : i + last]
        key = (key * PRIME + part) & NUMBER_MASK  # int64 wraps, and the low bits stay those of the product
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
        found[longer] = (found[longer] * PRIME + points[begins[longer] + i]) & NUMBER_MASK
    return found


def number_of(piece: str) -> int:
    """Return the number of a piece, as `piece_keys` has it."""
    value = 0
    for character in piece:
        value = (value * PRIME + ord(character)) & NUMBER_MASK
    return value


def positions(known: NDArray[np.int64], asked: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return where each number of ``asked`` stands in ``known``, and whether it is there at all; both (asked,).

    Args:
        known: ascending, each once.
        asked: in any order.
    """
    if not len(known):
        return np.zeros(len(asked), dtype=np.int64), np.zeros(len(asked), dtype=np.bool_)
    order = np.argsort(asked)  # of numbers in order each is sought near the one before
    at = np.empty_like(asked)
    at[order] = np.minimum(np.searchsorted(known, asked[order]), len(known) - 1)
    return at, known[at] == asked


def ranges(begins: NDArray[Any], lengths: NDArray[Any]) -> NDArray[np.int64]:
    """Return the whole numbers from each of ``begins`` on, as many as its length, all in a row: (sum of lengths,)."""
    starts = np.cumsum(lengths) - lengths
    found: NDArray[np.int64] = np.arange(int(lengths.sum())) + np.repeat(begins - starts, lengths)
    return found
