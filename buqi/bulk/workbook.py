"""xlsx: the workbook is copied, and one of its sheets gets columns."""

from __future__ import annotations

import json
import re
import shutil
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from itertools import chain, islice
from pathlib import Path
from typing import Any
from xml.parsers.expat import ExpatError

from buqi.bulk.cell_styles import CellStyles
from buqi.bulk.columns import named_columns
from buqi.bulk.fields import ADDED, Fields, names_beside
from buqi.bulk.package import SheetPart, WorkbookPackage
from buqi.bulk.sheet_columns import fitting
from buqi.bulk.sheet_rows import MOST_COLUMNS, Row, RowReader
from buqi.bulk.sheet_writer import Look, RowWriter, no_style
from buqi.bulk.table_file import Piece
from buqi.divisions.address_column import columns_meant
from buqi.errors import UsageError, explained, listed

SAVE_AGAIN = "open it in a spreadsheet and save it as xlsx, without a password"
HEAD_ROWS = 20  # rows in which the names of the columns are looked for
SHOWN_ROWS = 200  # first rows of the table, which the widths of added columns fit
MOST_EMPTY = 1000  # empty rows between two that hold something; more of them are no rows of the table
FAR = re.compile(rb"X(?:E[A-Z]|F[A-D])\$?[0-9]")  # a cell in the last columns that a sheet may have
DAMAGE = (zipfile.BadZipFile, zlib.error, ExpatError, OSError, EOFError, KeyError, IndexError, ValueError,
          RuntimeError, NotImplementedError, StopIteration)  # fmt: skip


class Workbook:
    """One sheet of an xlsx file. Its cells, formats and all other sheets, charts and pictures stay as they are.

    Args:
        path: the file.
        sheet: the sheet's name; if not given, the first sheet with the column.
        column: the column with the addresses, if it is named.
        added: names of the columns that will be written behind its own.
    """

    def __init__(self, path: Path, sheet: str | None, column: str | None, added: Sequence[str] = ADDED) -> None:
        self.path, self.added = path, added
        self.filled: Sequence[str] = ()
        self.guesses: list[str] = []
        with self._explained():
            with explained(f"{path}: cannot be read as xlsx", zipfile.BadZipFile, error=UsageError, advice=SAVE_AGAIN):
                self.package = WorkbookPackage(path)
            self.sheet = self._named(sheet) if sheet is not None else self._guessed(column)
            heads = self._heads(self.sheet)
        if not heads:
            raise UsageError(f"{path}: no rows in sheet {self.sheet.name}")
        self.header, cells = next((head for head in heads if _names_addresses(head, column)), _first_names(heads))
        if self.header != heads[0][0]:
            self.guesses.append(f"row {self.header} names the columns")
        named = sorted((at, str(value)) for at, value in cells.items() if value is not None)
        self.places = {name: at for at, name in reversed(named)}  # of two alike the first
        self.columns = [name for _, name in named]
        self.last_column = max(cells)

    def pieces(self, size: int, columns: Sequence[str]) -> Iterator[Piece]:
        """See `TableFile.pieces`. Rows have the sheet's numbers; empty rows count, but not those at the end."""
        numbers: list[int] = []
        rows: list[dict[int, Any]] = []
        last, reader = self.header, RowReader(self.package)
        with self._explained():
            for number, cells in self._filled_rows(self.sheet, reader):
                if number <= self.header:
                    continue
                first = last + 1 if number - last <= MOST_EMPTY else number
                for at in range(first, number + 1):
                    numbers.append(at)
                    rows.append(cells if at == number else {})
                    if len(numbers) == size:
                        yield self._piece(numbers, rows, columns)
                        numbers, rows = [], []
                last = number
        if numbers:
            yield self._piece(numbers, rows, columns)
        # Added columns stand behind merged cells. A row that is merged as a whole does not count: nothing is behind it.
        merged = (last for row, last in reader.merged if row >= self.header and last <= MOST_COLUMNS // 2)
        self.last_column = max(reader.last_column, *merged, 0)

    def check_room(self) -> None:
        """Raise `UsageError` if there is no room for the added columns. All rows are read only if that may be so."""
        with self._explained():
            far = self._may_be_far()
        if far:
            for _ in self.pieces(1000, []):
                pass
        self._added_names()

    def _may_be_far(self) -> bool:
        """Return whether a cell may stand in the last columns: its reference says so, or it has no reference."""
        rest = b""
        with self.package.zip.open(self.sheet.part) as file:
            while block := file.read(1 << 20):
                block = rest + block
                end = max(block.rfind(b"<"), 0) or len(block)
                block, rest = block[:end], block[end:]
                cells = sum(block.count(begin) for begin in (b"<c ", b"<c>", b"<c/", b":c ", b":c>"))
                if FAR.search(block) or cells != block.count(b'<c r="'):
                    return True
        return False

    def _added_names(self) -> list[str]:
        """Return the names of the added columns; `UsageError` if there is no room for them."""
        names = names_beside(self.columns, self.added)
        if self.last_column + len(names) > MOST_COLUMNS:
            raise UsageError(f"{self.path}: sheet {self.sheet.name} has no room for {len(names)} columns more")
        return names

    def write(self, path: Path, piece: Piece, fields: Sequence[Fields], safe: bool) -> None:
        """See `TableFile.write`."""
        path.write_text(json.dumps([*zip(piece.numbers, fields, strict=True)]))  # ASCII: a cell may hold surrogates

    def join(self, parts: Sequence[Path], target: Path, safe: bool) -> None:
        """See `TableFile.join`. Texts are no formulas. Added cells look as those to their left."""
        names, first = self._added_names(), self.last_column + 1

        def rows() -> Iterator[tuple[int, Sequence[Any]]]:
            yield self.header, [*[None] * len(self.filled), *names]
            for part in parts:
                yield from json.loads(part.read_text())

        every, book = rows(), self.package.zip
        shown = list(islice(every, SHOWN_ROWS))
        widths = fitting(values[len(self.filled) :] for _, values in shown)
        styles = {name: CellStyles(book.read(name)) for name in self.package.styles}
        look = Look(widths, next((found.beside for found in styles.values()), no_style))
        writer = RowWriter(first, len(names), chain(shown, every), [self.places[n] for n in self.filled], look)
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as out:
            for entry in sorted(book.infolist(), key=lambda entry: entry.filename in styles):  # they grow until then
                copy = zipfile.ZipInfo(entry.filename, entry.date_time)
                copy.compress_type, copy.external_attr = zipfile.ZIP_DEFLATED, entry.external_attr
                with book.open(entry) as source, out.open(copy, "w", force_zip64=entry.file_size > 1 << 30) as file:
                    if entry.filename == self.sheet.part:
                        writer.copy(source, file)
                    elif entry.filename in styles:
                        file.write(styles[entry.filename].xml)
                    else:
                        shutil.copyfileobj(source, file, 1 << 20)

    def _named(self, name: str) -> SheetPart:
        found = [sheet for sheet in self.package.sheets if sheet.name == name]
        if not found:
            names = ", ".join(sheet.name for sheet in self.package.sheets)
            raise UsageError(f"--sheet {name}: {self.path} has {names}")
        return found[0]

    def _guessed(self, column: str | None) -> SheetPart:
        """Return the first sheet with the column; hidden ones come last.

        Raises:
            UsageError: there are no sheets, or there are several and none has the named column.
        """
        sheets = sorted(self.package.sheets, key=lambda sheet: sheet.hidden)
        if not sheets:
            raise UsageError(f"{self.path}: no sheet with rows in it")
        chosen, columns = sheets[0], []
        for sheet in sheets:
            heads = self._heads(sheet)
            if any(_names_addresses(head, column) for head in heads):
                chosen = sheet
                break
            names = _names(_first_names(heads)) if heads else ["nothing in it"]
            columns.append(f"{sheet.name} ({listed(names)})")
        else:
            if len(sheets) > 1 and column is not None:
                raise UsageError(f"--column {column}: in no sheet of {self.path}; they have {'; '.join(columns)}")
        if len(sheets) > 1:
            others = listed(sheet.name for sheet in self.package.sheets if sheet != chosen)
            self.guesses.append(f"sheet {chosen.name} is read, not {others}")
        return chosen

    def _filled_rows(self, sheet: SheetPart, reader: RowReader) -> Iterator[Row]:
        """Yield the rows that hold something."""
        with self.package.zip.open(sheet.part) as file:
            for number, cells in reader.read(file):
                if any(value is not None for value in cells.values()):
                    yield number, cells

    def _heads(self, sheet: SheetPart) -> list[Row]:
        """Return the first rows that hold something."""
        return list(islice(self._filled_rows(sheet, RowReader(self.package)), HEAD_ROWS))

    def _piece(self, numbers: list[int], rows: list[dict[int, Any]], columns: Sequence[str]) -> Piece:
        return Piece(numbers, {name: [row.get(self.places[name]) for row in rows] for name in columns})

    def _explained(self) -> AbstractContextManager[None]:
        return explained(f"{self.path}: cannot be read as xlsx", *DAMAGE, error=UsageError)


def _names(head: Row) -> list[str]:
    return [str(value) for value in head[1].values() if value is not None]


def _first_names(heads: Sequence[Row]) -> Row:
    """Return the first row that may name columns. A row of one cell is a title, if another row has more."""
    return next((head for head in heads if len(_names(head)) > 1), heads[0])


def _names_addresses(head: Row, column: str | None) -> bool:
    """Return whether a row names the columns with the addresses. That it has only one cell is not enough."""
    names = _names(head)
    if column is not None:
        return set(named_columns(column, names)) <= set(names)
    return len(columns_meant(names, lambda _: {})) == 1
