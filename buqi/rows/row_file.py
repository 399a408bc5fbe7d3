"""Rows of a large file, read when they are asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import overload

from buqi.rows.read import Row, read_rows, rows_in
from buqi.rows.records import records_by_lines

LARGE = 16 << 20  # bytes; a smaller file is read whole


class RowFile(Sequence[Row]):
    """The rows of a file of JSON lines, which stay in the file: each pass reads and checks it again.

    Args:
        number: how many there are; counted at the first pass if not given.
    """

    def __init__(self, path: Path, number: int | None = None) -> None:
        self.path, self._number = path, number

    def __iter__(self) -> Iterator[Row]:
        found, number = records_by_lines(self.path), 0
        for row in rows_in(self.path, found) if found else read_rows(self.path):
            number += 1
            yield row
        self._number = number

    def __len__(self) -> int:
        if self._number is None:
            self._number = sum(1 for _ in self)
        return self._number

    @overload
    def __getitem__(self, at: int) -> Row: ...
    @overload
    def __getitem__(self, at: slice) -> list[Row]: ...
    def __getitem__(self, at: int | slice) -> Row | list[Row]:
        """Return a row or some; the file is read up to the last of them."""
        if isinstance(at, int):
            return next(islice(self, range(len(self))[at], None))
        return list(islice(self, *at.indices(len(self))))


def open_rows(path: Path, encoding: str | None = None) -> Sequence[Row]:
    """Return a file's rows: a list, or a `RowFile` where it is large and JSON lines in UTF-8.

    Raises:
        UsageError: as `read_rows`; a `RowFile` raises it when it is read.
    """
    large = encoding is None and path.is_file() and path.stat().st_size >= LARGE
    return RowFile(path) if large and records_by_lines(path) else read_rows(path, encoding)
