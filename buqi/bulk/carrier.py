"""What every kind of file does: its rows are read in pieces, and come back untouched with columns beside them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from buqi.bulk.fields import Fields


@dataclass(frozen=True)
class Piece:
    """Some rows that follow each other."""

    numbers: Sequence[int]  # of each row, as the user's program shows it: a sheet's row, a line of JSON
    cells: dict[str, list[Any]]  # of the columns that were asked for
    records: Sequence[Any] = ()  # the rows as they stand in the file, where the piece is written whole

    def __len__(self) -> int:
        return len(self.numbers)


class Carrier(Protocol):
    """A file of rows. Nothing is held in memory but the piece at hand."""

    columns: list[str]
    added: Sequence[str]  # names of the columns that are written beside them
    filled: Sequence[str]  # names of own columns whose cells get a value, where a row has one for them
    guesses: list[str]  # what the file does not say itself: its encoding, what divides its columns

    def pieces(self, size: int, columns: Sequence[str]) -> Iterator[Piece]:
        """Yield the rows, ``size`` at a time, with the cells of some columns; `UsageError` where it is damaged."""

    def write(self, path: Path, piece: Piece, fields: Sequence[Fields], safe: bool) -> None:
        """Write what `join` needs of a piece: the values of its columns, and its rows where it has them.

        A row's values are those of the columns that are filled (``None`` leaves a cell), then of those that are added.
        """

    def join(self, parts: Sequence[Path], target: Path, safe: bool) -> None:
        """Make one file of the parts; called when all pieces have been read."""


def whole(value: Any) -> Any:
    """Return a text without halves of characters and bytes of no encoding, which only its own cell can hold."""
    return value if not isinstance(value, str) or value.isascii() else value.encode("utf-8", "replace").decode("utf-8")
