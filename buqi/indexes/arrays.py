"""Texts as arrays: an index holds nothing but arrays."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

Arrays = Mapping[str, NDArray[Any]]
Item = TypeVar("Item")
Lists = Mapping[str, Sequence[str]]  # words by a text. No word has a blank, no text a line feed
LINE = "\n"


def packed(texts: Iterable[str]) -> NDArray[np.uint8]:
    """Return texts that have no line feeds as UTF-8 in one array, a line feed between two."""
    return np.frombuffer(LINE.join(texts).encode(), dtype=np.uint8)


def unpacked(array: NDArray[np.uint8]) -> list[str]:
    """Return the texts that were `packed`, at least one."""
    return array.tobytes().decode().split(LINE)


def numbered(column: Sequence[str]) -> tuple[NDArray[np.uint8], NDArray[np.int32]]:
    """Return the different texts of a column, `packed`, and for each row the number of its text, (rows,)."""
    number: dict[str, int] = {}
    rows = [number.setdefault(text, len(number)) for text in column]
    return packed(number), np.array(rows, dtype=np.int32)


class TextRows:
    """Texts that stay in an index until they are asked for.

    Args:
        text: all of them in a row, as UTF-8.
        ends: (texts,) where each ends in ``text``, in bytes.
    """

    def __init__(self, text: NDArray[np.uint8], ends: NDArray[np.int64]) -> None:
        self._text, self._ends = text.data, ends.data

    def __len__(self) -> int:
        return len(self._ends)

    def __getitem__(self, at: int) -> str:
        return str(self._text[self._ends[at - 1] if at else 0 : self._ends[at]], "utf-8")

    def encoded(self, start: int, end: int) -> bytes:
        """Return the texts from number ``start`` up to ``end`` in a row, as UTF-8."""
        return bytes(self._text[self._ends[start - 1] if start else 0 : self._ends[end - 1] if end else 0])

    @staticmethod
    def arrays(texts: Iterable[str]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
        """Return ``text`` and ``ends`` of some texts."""
        cells = [text.encode() for text in texts]
        return np.frombuffer(b"".join(cells), dtype=np.uint8), np.cumsum([len(c) for c in cells], dtype=np.int64)


class CellLists(Mapping[str, list[Item]], Generic[Item]):
    """Lists by a text. Each is split when it is asked for.

    Args:
        cells: words by text, a blank between two.
    """

    def __init__(self, cells: Mapping[str, str]) -> None:
        self.cells = cells

    def __contains__(self, text: object) -> bool:
        return text in self.cells

    def __iter__(self) -> Iterator[str]:
        return iter(self.cells)

    def __len__(self) -> int:
        return len(self.cells)

    def get(self, text: str, default: Any = None) -> Any:
        """Return a text's list, or ``default`` without an exception inside: most texts have none."""
        return self[text] if text in self.cells else default


class TextLists(CellLists[str]):
    """Lists of words."""

    def __getitem__(self, text: str) -> list[str]:
        return self.cells[text].split(" ")


class NumberLists(CellLists[int]):
    """Lists of whole numbers.

    Args:
        words: the numbers as words.
    """

    def __init__(self, words: TextLists) -> None:
        super().__init__(words.cells)

    def __getitem__(self, text: str) -> list[int]:
        return list(map(int, self.cells[text].split(" ")))


def packed_lists(name: str, found: Lists) -> dict[str, NDArray[np.uint8]]:
    """Return lists of words as two arrays: ``name`` has the texts, ``name_of`` their words. `text_lists` reads them."""
    return {name: packed(found), f"{name}_of": packed(" ".join(words) for words in found.values())}


def text_lists(arrays: Arrays, name: str) -> TextLists:
    """Return what `packed_lists` wrote."""
    return TextLists(dict(zip(unpacked(arrays[name]), unpacked(arrays[f"{name}_of"]), strict=True)))
