"""The rows of a sheet's XML, read with their cells (`buqi.bulk.sheet_writer` writes them).

This reader is not `buqi.rows.sheets`: a table to complete is read row by row, with the types of its cells and the
places where others can be added. That one reads every kind of workbook as texts, 2.4 times as fast, and all at once.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import IO, Any

from buqi.bulk.package import Elements, TextReader, WorkbookPackage

MOST_COLUMNS = 16_384
LEAP = 60  # days: spreadsheets count a 29 February 1900, which there was not
COLUMN = re.compile("[A-Z]{1,3}")
Row = tuple[int, dict[int, Any]]  # number, and values by number of the column, both from 1


@lru_cache(maxsize=MOST_COLUMNS)
def column_number(letters: str) -> int:
    """Return 1 for A, 27 for AA; `ValueError` for what names no column."""
    if not COLUMN.fullmatch(letters):
        raise ValueError(f"a cell in a column {letters[:20]!r}")
    number = 0
    for letter in letters:
        number = 26 * number + ord(letter) - 64
    return number


@lru_cache(maxsize=MOST_COLUMNS)
def column_letters(number: int) -> str:
    """Return A for 1, AA for 27."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


class SheetPosition:
    """The row and column that the parser is at. A row or cell without a reference follows the one before it."""

    def __init__(self) -> None:
        self.row = self.column = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Go to an element that begins.

        Raises:
            ValueError: rows out of order, or a cell in no column.
        """
        reference = attributes.get("r")
        if name == "row":
            number, self.column = int(reference) if reference else self.row + 1, 0
            if number <= self.row:
                raise ValueError(
                    f"row {number} stands behind row {self.row}; open it in a spreadsheet and save it again"
                )
            self.row = number
        elif name == "c":
            self.column = column_number(reference.rstrip("0123456789")) if reference else self.column + 1


class RowReader:
    """Reads a sheet's rows, and finds the columns that are in use."""

    def __init__(self, package: WorkbookPackage) -> None:
        self.package = package
        self.last_column = 0  # that holds something
        self.merged: list[tuple[int, int]] = []  # last row and column of merged cells
        self.position, self.text_reader = SheetPosition(), TextReader()
        self.rows: list[Row] = []
        self.cells: dict[int, Any] = {}
        self.kind = self.style = ""
        self.holds_value = False  # the cell at hand

    def read(self, file: IO[bytes]) -> Iterator[Row]:
        """Yield the rows that the sheet has, also those without a value."""
        for _ in Elements(self._start, self._end, self.text_reader.add).blocks(file):
            yield from self.rows
            self.rows = []
        yield from self.rows

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self.position.start(name, attributes)
        if name == "c":
            self.kind, self.style = attributes.get("t", "n"), attributes.get("s", "0")
            self.holds_value = False
            self.text_reader.clear()
        elif name == "row":
            self.cells = {}
        elif name == "mergeCell":
            last = attributes["ref"].rpartition(":")[2].replace("$", "")
            letters = last.rstrip("0123456789")
            column = column_number(letters) if letters else MOST_COLUMNS
            self.merged.append((int(last[len(letters) :]), column))
        else:
            self.holds_value = self.holds_value or name in ("v", "f", "is")
            self.text_reader.start(name)

    def _end(self, name: str) -> None:
        self.text_reader.end(name)
        if name == "c" and self.holds_value:
            self.last_column = max(self.last_column, self.position.column)
            self.cells[self.position.column] = self._value()
        elif name == "row":
            self.rows.append((self.position.row, self.cells))

    def _value(self) -> Any:
        text = self.text_reader.text
        if not text:
            return None
        if self.kind == "s":
            if (number := int(text)) < 0:
                raise ValueError(f"a cell has the text {number}")
            return self.package.texts[number]
        if self.kind == "b":
            return text == "1"
        if self.kind != "n":
            return text
        value = float(text)
        if self.style in self.package.dates:
            return self._date(value)
        return int(value) if value.is_integer() else value

    def _date(self, days: float) -> Any:
        first = dt.datetime(1904, 1, 1) if self.package.old_dates else dt.datetime(1899, 12, 30)
        if days < LEAP and not self.package.old_dates:
            first = dt.datetime(1899, 12, 31)
        try:
            moment = first + dt.timedelta(seconds=round(days * 86_400))
        except OverflowError:
            return days
        if 0 <= days < 1:
            return moment.time()
        return moment if moment.time() != dt.time() else moment.date()
