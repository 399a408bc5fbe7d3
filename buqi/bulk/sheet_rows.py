"""The rows of a sheet's XML: read, and written again as they are with cells behind them."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import IO, Any
from xml.sax.saxutils import escape

from buqi.bulk.carrier import whole
from buqi.bulk.package import Elements, TextReader, WorkbookPackage

MOST_COLUMNS = 16_384
LONGEST_CELL = 32_767  # characters
NO_XML = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]")
LOOKS_ESCAPED = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
COLUMN = re.compile("[A-Z]{1,3}")
SPANS = re.compile(rb'\sspans="[^"]*"')
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


class _Place:
    """Where in a sheet the parser is. Rows and cells may leave out where they stand: then they follow the last."""

    def __init__(self) -> None:
        self.row = self.column = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        place = attributes.get("r")
        if name == "row":
            number, self.column = int(place) if place else self.row + 1, 0
            if number <= self.row:
                raise ValueError(
                    f"row {number} stands behind row {self.row}; open it in a spreadsheet and save it again"
                )
            self.row = number
        elif name == "c":
            self.column = column_number(place.rstrip("0123456789")) if place else self.column + 1


class RowReader:
    """Reads a sheet's rows, and which columns are in use."""

    def __init__(self, package: WorkbookPackage) -> None:
        self.package = package
        self.last_column = 0  # that holds something
        self.merged: list[tuple[int, int]] = []  # last row and column of merged cells
        self.place, self.reading = _Place(), TextReader()
        self.rows: list[Row] = []
        self.cells: dict[int, Any] = {}
        self.kind = self.style = ""
        self.filled = False

    def read(self, file: IO[bytes]) -> Iterator[Row]:
        """Yield the rows that the sheet has, also those without a value."""
        for _ in Elements(self._start, self._end, self.reading.add).blocks(file):
            yield from self.rows
            self.rows = []
        yield from self.rows

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self.place.start(name, attributes)
        if name == "c":
            self.kind, self.style, self.filled = attributes.get("t", "n"), attributes.get("s", "0"), False
            self.reading.clear()
        elif name == "row":
            self.cells = {}
        elif name == "mergeCell":
            last = attributes["ref"].rpartition(":")[2].replace("$", "")
            letters = last.rstrip("0123456789")
            column = column_number(letters) if letters else MOST_COLUMNS
            self.merged.append((int(last[len(letters) :]), column))
        else:
            self.filled = self.filled or name in ("v", "f", "is")
            self.reading.start(name)

    def _end(self, name: str) -> None:
        self.reading.end(name)
        if name == "c" and self.filled:
            self.last_column = max(self.last_column, self.place.column)
            self.cells[self.place.column] = self._value()
        elif name == "row":
            self.rows.append((self.place.row, self.cells))

    def _value(self) -> Any:
        text = self.reading.text
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
        try:
            return first + dt.timedelta(seconds=round(days * 86_400))
        except OverflowError:
            return days


class RowWriter:
    """Copies a sheet's XML and puts cells into its rows; all else stays, byte by byte.

    Args:
        first: number of the first column that is added.
        width: number of columns that are added. Cells that stand there hold nothing and are left out.
        rows: number of the row and its values, of the columns that are filled and then of those that are added, in
            order; the first is the header.
        filled: numbers of columns before ``first``, whose cells get a value where it is not ``None``.
    """

    def __init__(
        self, first: int, width: int, rows: Iterator[tuple[int, Sequence[Any]]], filled: Sequence[int] = ()
    ) -> None:
        self.first, self.width, self.rows, self.filled = first, width, rows, filled
        self.fills: dict[int, Any] = {}  # what the row at hand gets, by column
        self.fill_at: int | None = None  # where a cell begins that gets a value
        self.place, self.waiting = _Place(), next(rows, None)
        self.header = self.waiting[0] if self.waiting else 0
        self.buffer, self.base = b"", 0  # what is not written yet, and its place in the file
        self.edits: list[tuple[int, int, bytes]] = []  # from, to (as places in the file), what stands there instead
        self.row_at: int | None = None  # where the row at hand begins
        self.put_at: int | None = None  # where the added cells go, if not at the end of the row
        self.drop_at: int | None = None
        self.last = 0  # where the last event was
        self.style = self.prefix = ""
        self.elements = Elements(self._start, self._end)

    def copy(self, source: IO[bytes], target: IO[bytes]) -> None:
        """Write the sheet."""
        file = _Copied(source, self)
        for _ in self.elements.blocks(file):  # type: ignore[arg-type]
            self._flush(target, self.last if self.row_at is None else self.row_at)
        self._flush(target, self.base + len(self.buffer))

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        at = self.last = self.elements.parser.CurrentByteIndex
        self.place.start(name, attributes)
        if name == "worksheet":
            self.prefix = self._tag(at)[1:].partition(b"worksheet")[0].decode()
        elif name == "dimension" and ":" in attributes.get("ref", ""):
            self._widen(at, attributes["ref"])
        elif name == "row":
            self.row_at, self.put_at = at, None
            while self.waiting and self.waiting[0] < self.place.row:
                number = self.waiting[0]
                row = f'<{self.prefix}row r="{number}">{self._cells()}</{self.prefix}row>'
                self.edits.append((at, at, row.encode()))
            if self.waiting and self.waiting[0] == self.place.row:
                found = zip(self.filled, self.waiting[1], strict=False)
                self.fills = {column: value for column, value in sorted(found) if value is not None}
        elif name == "c" and self.place.column >= self.first:
            self.put_at = at if self.put_at is None else self.put_at
            self.drop_at = at if self.place.column < self.first + self.width else None
        elif name == "c":
            self.style = attributes.get("s", "")
            self._fill(at, self.place.column)
            self.fill_at = at if self.place.column in self.fills else None

    def _end(self, name: str) -> None:
        at = self.last = self.elements.parser.CurrentByteIndex
        if name == "c" and self.drop_at is not None:
            self.edits.append((self.drop_at, self._behind(self.drop_at, at), b""))
            self.drop_at = None
        elif name == "c" and self.fill_at is not None:
            style = f' s="{self.style}"' if self.style else ""
            cell = self._cell(f'r="{column_letters(self.place.column)}{self.place.row}"{style}',
                              self.fills.pop(self.place.column))  # fmt: skip
            self.edits.append((self.fill_at, self._behind(self.fill_at, at), cell.encode()))
            self.fill_at = None
        elif name == "row":
            if self.waiting and self.waiting[0] == self.place.row:
                self._fill(at if self.put_at is None else self.put_at, self.first)
                self._add(at)
            self.fills = {}
            self.row_at = None

    def _fill(self, at: int, before: int) -> None:
        """Put cells that the row lacks in front of ``at``: those of columns before one."""
        for column in [column for column in self.fills if column < before]:
            cell = self._cell(f'r="{column_letters(column)}{self.place.row}"', self.fills.pop(column))
            self.edits.append((at, at, cell.encode()))

    def _widen(self, at: int, ref: str) -> None:
        """Let the sheet's dimension, as ``A1:C9``, reach to the last added column."""
        end = ref.partition(":")[2]
        letters = end.rstrip("0123456789")
        if not COLUMN.fullmatch(letters):
            return  # programs look at the cells themselves
        right = column_letters(max(column_number(letters), self.first + self.width - 1))
        tag, wide = self._tag(at), ref[: -len(end)] + right + end[len(letters) :]
        self.edits.append((at, at + len(tag), tag.replace(ref.encode(), wide.encode())))

    def _add(self, at: int) -> None:
        """Put the waiting cells into the row that ends at ``at``."""
        assert self.row_at is not None
        tag, cells = self._tag(self.row_at), self._cells().encode()
        opened = SPANS.sub(b"", tag)
        if tag.endswith(b"/>"):  # <row/>
            opened = opened[:-2].rstrip() + b">" + cells + f"</{self.prefix}row>".encode()
        else:
            put = at if self.put_at is None else self.put_at
            self.edits.append((put, put, cells))
        if opened != tag:
            self.edits.append((self.row_at, self.row_at + len(tag), opened))

    def _cells(self) -> str:
        """Return the cells of the waiting row, and wait for the next."""
        assert self.waiting is not None
        number, values = self.waiting
        style = f' s="{self.style}"' if number == self.header and self.style else ""
        self.waiting = next(self.rows, None)
        return "".join(
            self._cell(f'r="{column_letters(self.first + i)}{number}"{style}', value)
            for i, value in enumerate(values[len(self.filled) :]) if value is not None and value != ""
        )  # fmt: skip

    def _cell(self, attributes: str, value: Any) -> str:
        p = self.prefix
        if isinstance(value, (int, float)):
            return f"<{p}c {attributes}><{p}v>{value!r}</{p}v></{p}c>"
        text = LOOKS_ESCAPED.sub("_x005F_", NO_XML.sub("", whole(str(value))))[:LONGEST_CELL]
        content = f'<{p}is><{p}t xml:space="preserve">{escape(text)}</{p}t></{p}is>'
        return f'<{p}c {attributes} t="inlineStr">{content}</{p}c>'

    def _behind(self, begin: int, end: int) -> int:
        """Return the place behind an element that begins and ends there; one without content ends where it ends."""
        return end if self._tag(begin).endswith(b"/>") else end + len(self._tag(end))

    def _tag(self, at: int) -> bytes:
        """Return the tag that begins at a place in the file."""
        begin = at - self.base
        return self.buffer[begin : self.buffer.index(b">", begin) + 1]

    def _flush(self, target: IO[bytes], upto: int) -> None:
        """Write what is before ``upto``, as edited."""
        done, at = 0, self.base
        self.edits.sort(key=lambda edit: edit[:2])
        for begin, end, new in self.edits:
            if end > upto:
                break
            target.write(self.buffer[at - self.base : begin - self.base] + new)
            done, at = done + 1, end
        del self.edits[:done]
        upto = max(upto, at)
        target.write(self.buffer[at - self.base : upto - self.base])
        self.buffer, self.base = self.buffer[upto - self.base :], upto


class _Copied:
    """A file whose blocks the writer has in its buffer before the parser sees them."""

    def __init__(self, file: IO[bytes], writer: RowWriter) -> None:
        self.file, self.writer = file, writer

    def read(self, size: int) -> bytes:
        block = self.file.read(size)
        self.writer.buffer += block
        return block
