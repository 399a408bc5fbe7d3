"""What every kind of file of rows does: it is read in pieces, and written again untouched with columns beside it."""

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


class TableFile(Protocol):
    """A file of rows. Only one piece of it is in memory at a time."""

    columns: list[str]
    added: Sequence[str]  # names of the columns that are written behind the file's own
    filled: Sequence[str]  # names of the file's own columns whose empty cells get a value
    guesses: list[str]  # what the file does not say itself: its encoding, its delimiter

    def pieces(self, size: int, columns: Sequence[str]) -> Iterator[Piece]:
        """Yield the rows, ``size`` at a time, with the cells of some columns.

        Raises:
            UsageError: the file is damaged.
        """

    def write(self, path: Path, piece: Piece, fields: Sequence[Fields], safe: bool) -> None:
        """Write a finished piece to ``path``, in the form that `join` reads.

        Args:
            path: the piece's file.
            piece: the rows, as `pieces` yielded them.
            fields: for each row the values of the ``filled`` columns (``None`` leaves a cell as it is), then those of
                the ``added`` columns.
            safe: whether the file's own cells are guarded against formulas too (csv, tsv).
        """

    def join(self, parts: Sequence[Path], target: Path, safe: bool) -> None:
        """Make one file of the finished pieces; called when all of them have been read."""
