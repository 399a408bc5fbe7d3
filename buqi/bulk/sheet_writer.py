"""A sheet's XML written again as it is, with added cells in its rows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import IO, Any, NamedTuple
from xml.sax.saxutils import escape, quoteattr

from buqi.bulk.fields import encodable
from buqi.bulk.package import Elements
from buqi.bulk.sheet_columns import Column, with_widths
from buqi.bulk.sheet_rows import COLUMN, SheetPosition, column_letters, column_number

LONGEST_CELL = 32_767  # characters
NO_XML = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]")
LOOKS_ESCAPED = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
SPANS = re.compile(rb'\sspans="[^"]*"')


def no_style(style: str) -> str:
    """Return the style of a cell that looks as no other: none."""
    return ""


class Look(NamedTuple):
    """How added cells look.

    Attributes:
        widths: of the added columns; none are written if there are none.
        beside: returns the style of a cell by that of the cell to its left.
    """

    widths: Sequence[float] = ()
    beside: Callable[[str], str] = no_style


class RowWriter:
    """Copies a sheet's XML and puts cells into its rows; all other bytes stay as they are.

    Args:
        first: number of the first column that is added.
        width: number of columns that are added. Cells that stand there hold nothing and are left out.
        rows: number of each row and its values, of the columns that are filled and then of those that are added, in
            order; the first row is the header.
        filled: numbers of columns before ``first``, whose cells get a value where it is not ``None``.
        look: of the added cells. Those of the header have the style of the last name before them.
    """

    def __init__(
        self,
        first: int,
        width: int,
        rows: Iterator[tuple[int, Sequence[Any]]],
        filled: Sequence[int] = (),
        look: Look = Look(),  # noqa: B008 (nothing changes it)
    ) -> None:
        self.first, self.width, self.rows, self.filled, self.look = first, width, rows, filled, look
        self.position, self.next_row = SheetPosition(), next(rows, None)
        self.header = self.next_row[0] if self.next_row else 0
        self.elements = Elements(self._start, self._end)
        self.prefix = ""  # of the names of elements
        # Offsets count bytes from the beginning of the file.
        self.buffer, self.base = b"", 0  # what is not written yet, and its offset
        self.edits: list[tuple[int, int, bytes]] = []  # from, to, what stands there instead
        self.last = 0  # offset of the last event
        # The columns, which stand before all rows.
        self.columns_at: int | None = None  # where their list begins
        self.columns: list[Column] = []
        # The row at hand.
        self.row_at: int | None = None  # where it begins
        self.put_at: int | None = None  # where the added cells go, if not at its end
        self.to_fill: dict[int, Any] = {}  # values for cells of its own, by column
        # The cell at hand.
        self.style, self.beside = "", ""  # its style, and that of the cell before the added ones
        self.drop_at: int | None = None  # where it begins, if it is left out
        self.fill_at: int | None = None  # where it begins, if it gets a value

    def copy(self, source: IO[bytes], target: IO[bytes]) -> None:
        """Write the sheet."""
        file = _Tee(source, self)
        for _ in self.elements.blocks(file):  # type: ignore[arg-type]
            open_at = self.columns_at if self.row_at is None else self.row_at
            self._flush(target, self.last if open_at is None else open_at)
        self._flush(target, self.base + len(self.buffer))

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        at = self.last = self.elements.parser.CurrentByteIndex
        self.position.start(name, attributes)
        if name == "worksheet":
            self.prefix = self._tag(at)[1:].partition(b"worksheet")[0].decode()
        elif name == "dimension" and ":" in attributes.get("ref", ""):
            self._widen(at, attributes["ref"])
        elif name == "cols":
            self.columns_at = at
        elif name == "col" and self.columns_at is not None:
            self.columns.append(attributes)
        elif name == "sheetData" and not self.columns:
            self._write_columns(at, at)
        elif name == "row":
            self._start_row(at)
        elif name == "c":
            self._start_cell(at, attributes)
        elif name == "f" and self.fill_at is not None:  # a formula stays, also one whose value is empty
            self.fill_at = None
            del self.to_fill[self.position.column]

    def _write_columns(self, begin: int, end: int) -> None:
        """Put the list of columns between two offsets, with widths for the added ones."""
        with suppress(ValueError, KeyError):  # a list that is damaged stays as it is
            columns = with_widths(self.columns, self.first, self.look.widths)
            if columns != self.columns:
                cells = "".join(
                    f"<{self.prefix}col {' '.join(f'{name}={quoteattr(value)}' for name, value in column.items())}/>"
                    for column in columns
                )
                self.edits.append((begin, end, f"<{self.prefix}cols>{cells}</{self.prefix}cols>".encode()))

    def _start_row(self, at: int) -> None:
        self.row_at, self.put_at, self.style, self.beside = at, None, "", ""
        while self.next_row and self.next_row[0] < self.position.row:  # the sheet lacks such a row
            number = self.next_row[0]
            row = f'<{self.prefix}row r="{number}">{self._added_cells()}</{self.prefix}row>'
            self.edits.append((at, at, row.encode()))
        if self.next_row and self.next_row[0] == self.position.row:
            values = zip(self.filled, self.next_row[1], strict=False)
            self.to_fill = {column: value for column, value in sorted(values) if value is not None}

    def _start_cell(self, at: int, attributes: dict[str, str]) -> None:
        column = self.position.column
        if column >= self.first:
            self.put_at = at if self.put_at is None else self.put_at
            self.drop_at = at if column < self.first + self.width else None
            return
        self.style = attributes.get("s", "")
        if column == self.first - 1:
            self.beside = self.style
        self._fill_before(column, at)
        self.fill_at = at if column in self.to_fill else None

    def _end(self, name: str) -> None:
        at = self.last = self.elements.parser.CurrentByteIndex
        if name == "c":
            self._end_cell(at)
        elif name == "cols" and self.columns_at is not None:
            self._write_columns(self.columns_at, self._behind(self.columns_at, at))
            self.columns_at = None
        elif name == "row":
            self._end_row(at)

    def _end_cell(self, at: int) -> None:
        if self.drop_at is not None:
            self.edits.append((self.drop_at, self._behind(self.drop_at, at), b""))
            self.drop_at = None
        elif self.fill_at is not None:
            column = self.position.column
            style = f' s="{self.style}"' if self.style else ""
            cell = self._cell(f'r="{column_letters(column)}{self.position.row}"{style}', self.to_fill.pop(column))
            self.edits.append((self.fill_at, self._behind(self.fill_at, at), cell.encode()))
            self.fill_at = None

    def _end_row(self, at: int) -> None:
        if self.next_row and self.next_row[0] == self.position.row:
            self._fill_before(self.first, at if self.put_at is None else self.put_at)
            self._append(at)
        self.to_fill = {}
        self.row_at = None

    def _fill_before(self, before: int, at: int) -> None:
        """Put cells that the row lacks at ``at``: those to fill in columns before ``before``."""
        for column in [column for column in self.to_fill if column < before]:
            cell = self._cell(f'r="{column_letters(column)}{self.position.row}"', self.to_fill.pop(column))
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

    def _append(self, at: int) -> None:
        """Put the added cells into the row that ends at ``at``."""
        assert self.row_at is not None
        tag, cells = self._tag(self.row_at), self._added_cells().encode()
        opened = SPANS.sub(b"", tag)
        if tag.endswith(b"/>"):  # <row/>
            opened = opened[:-2].rstrip() + b">" + cells + f"</{self.prefix}row>".encode()
        else:
            put = at if self.put_at is None else self.put_at
            self.edits.append((put, put, cells))
        if opened != tag:
            self.edits.append((self.row_at, self.row_at + len(tag), opened))

    def _added_cells(self) -> str:
        """Return the added cells of the next row, and take the row after it."""
        assert self.next_row is not None
        number, values = self.next_row
        found = self.style if number == self.header else self.look.beside(self.beside) if self.beside else ""
        style = f' s="{found}"' if found else ""
        self.next_row = next(self.rows, None)
        return "".join(
            self._cell(f'r="{column_letters(self.first + i)}{number}"{style}', value)
            for i, value in enumerate(values[len(self.filled) :]) if style or (value is not None and value != "")
        )  # fmt: skip

    def _cell(self, attributes: str, value: Any) -> str:
        p = self.prefix
        if value is None or value == "":
            return f"<{p}c {attributes}/>"
        if isinstance(value, (int, float)):
            return f"<{p}c {attributes}><{p}v>{value!r}</{p}v></{p}c>"
        text = LOOKS_ESCAPED.sub("_x005F_", NO_XML.sub("", encodable(str(value))))[:LONGEST_CELL]
        content = f'<{p}is><{p}t xml:space="preserve">{escape(text)}</{p}t></{p}is>'
        return f'<{p}c {attributes} t="inlineStr">{content}</{p}c>'

    def _behind(self, begin: int, end: int) -> int:
        """Return the offset behind an element whose tags begin at ``begin`` and ``end``."""
        return end if self._tag(begin).endswith(b"/>") else end + len(self._tag(end))

    def _tag(self, at: int) -> bytes:
        """Return the tag that begins at an offset."""
        begin = at - self.base
        return self.buffer[begin : self.buffer.index(b">", begin) + 1]

    def _flush(self, target: IO[bytes], upto: int) -> None:
        """Write what is before the offset ``upto``, as edited."""
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


class _Tee:
    """A file whose blocks go into the writer's buffer before the parser gets them."""

    def __init__(self, file: IO[bytes], writer: RowWriter) -> None:
        self.file, self.writer = file, writer

    def read(self, size: int) -> bytes:
        block = self.file.read(size)
        self.writer.buffer += block
        return block
