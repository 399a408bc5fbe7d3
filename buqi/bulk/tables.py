"""Files of addresses as pieces of rows, and pieces as a file again: csv, tsv, jsonl (each also .gz), parquet, xlsx.

Original columns, their order, encoding and line ends stay; columns are added behind them. Nothing is held in memory but
the piece at hand, except for xlsx, which cannot be read in pieces.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

import polars as pl

from buqi.bulk.fields import ADDED, Fields
from buqi.bulk.text_files import Delimited, JsonLines, kind_of
from buqi.bulk.typed_files import Parquet, SheetFile
from buqi.errors import UsageError

ADDRESS_COLUMNS = ("address", "addr", "src", "text", "地址", "详细地址", "住址", "收货地址", "input")


class TableFile(Protocol):
    """A file of rows."""

    columns: list[str]
    added: Sequence[str]  # names of the columns that are written behind them

    def pieces(self, size: int) -> Iterator[list[Any]]:
        """Yield the rows, ``size`` at a time."""

    def cells(self, piece: Sequence[Any], column: str) -> list[Any]:
        """Return one column of a piece."""

    def write(self, path: Path, piece: Sequence[Any], added: Sequence[Fields], safe: bool) -> None:
        """Write a piece with its added columns."""

    def join(self, parts: Sequence[Path], target: Path, safe: bool) -> None:
        """Put written pieces together as one file."""


KINDS: dict[str, Callable[[Path, Sequence[str]], TableFile]] = {
    ".csv": Delimited,
    ".tsv": Delimited,
    ".jsonl": JsonLines,
    ".ndjson": JsonLines,
    ".parquet": Parquet,
}


def open_table(path: Path, sheet: str | None = None, added: Sequence[str] = ADDED) -> TableFile:
    """Return the table in a file, to which the columns ``added`` will be written.

    Raises:
        UsageError: no such file, a kind that is not read, damaged, without rows, or several sheets and none named.
    """
    kind = kind_of(path)
    if not path.is_file():
        raise UsageError(f"{path}: no such file")
    if sheet is not None and kind != ".xlsx":
        raise UsageError(f"--sheet {sheet}: {path} has no sheets")
    if kind not in (*KINDS, ".xlsx"):
        raise UsageError(f"{path}: {kind or 'no suffix'} is not read; expected csv, tsv, jsonl, parquet or xlsx")
    try:
        return SheetFile(path, sheet, added) if kind == ".xlsx" else KINDS[kind](path, added)
    except (pl.exceptions.PolarsError, OSError, EOFError, csv.Error) as error:
        raise UsageError(f"{path}: cannot be read ({str(error).splitlines()[0][:200]})") from error


def find_column(columns: Sequence[str], column: str | None) -> str:
    """Return the column with the addresses: the one named, or the one that is called so.

    Raises:
        UsageError: no such column, or none or several look like it.
    """
    if column is not None:
        if column not in columns:
            raise UsageError(f"--column {column}: the columns are {', '.join(columns)}")
        return column
    found = [name for name in columns if name.strip().lower() in ADDRESS_COLUMNS]
    if len(found) == 1 or len(columns) == 1:
        return found[0] if found else columns[0]
    raise UsageError(f"which column holds the addresses? Name it with --column: {', '.join(columns)}")
