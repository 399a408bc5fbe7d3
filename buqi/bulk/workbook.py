"""xlsx: the workbook itself goes through, and one of its sheets gets columns."""

from __future__ import annotations

import json
import re
import shutil
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any
from xml.parsers.expat import ExpatError

from buqi.bulk.carrier import Piece
from buqi.bulk.columns import find_column, names_in
from buqi.bulk.fields import ADDED, Fields, names_beside
from buqi.bulk.package import SheetPart, WorkbookPackage
from buqi.bulk.sheet_rows import MOST_COLUMNS, Row, RowReader, RowWriter
from buqi.errors import UsageError, explained, listed

HEAD_ROWS = 20  # in which the names of the columns are looked for
MOST_EMPTY = 1000  # rows between two that hold something; where there are more, none of them is a row of the table
FAR = re.compile(rb"X(?:E[A-Z]|F[A-D])\$?[0-9]")  # a cell in the last columns that a sheet may have
DAMAGE = (zipfile.BadZipFile, zlib.error, ExpatError, OSError, EOFError, KeyError, IndexError, ValueError,
          RuntimeError, NotImplementedError, StopIteration)  # fmt: skip


class Workbook:
    """One sheet of an xlsx file. Its cells, formats and all other sheets, charts and pictures stay as they are.

    Args:
        sheet: its name; if there are several and none is named, the first in which the column is found.
        column: the column with the addresses, if it is named.
    """

    def __init__(self, path: Path, sheet: str | None, column: str | None, added: Sequence[str] = ADDED) -> None:
        self.path, self.added = path, added
        self.filled: Sequence[str] = ()
        self.guesses: list[str] = []
        with self._damage():
            self.package = WorkbookPackage(path)
            self.sheet = self._named(sheet) if sheet is not None else self._guessed(column)
            heads = self._heads()
        if not heads:
            raise UsageError(f"{path}: no rows in sheet {self.sheet.name}")
        first = heads[0]
        self.header, cells = next((head for head in heads if _has(head, column)), first)
        if self.header != first[0]:
            self.guesses.append(f"row {self.header} names the columns")
        named = sorted((at, str(value)) for at, value in cells.items() if value is not None)
        self.places = {name: at for at, name in reversed(named)}  # of two alike the first
        self.columns = [name for _, name in named]
        self.last_column = max(cells)

    def pieces(self, size: int, columns: Sequence[str]) -> Iterator[Piece]:
        """See `Carrier.pieces`. Rows are numbered as in the sheet; empty ones count up to the last that is not."""
        numbers: list[int] = []
        rows: list[dict[int, Any]] = []
        last, reader = self.header, RowReader(self.package)
        with self._damage():
            for number, cells in self._filled(reader):
                if number <= self.header:
                    continue
                between = range(last + 1, number) if number - last <= MOST_EMPTY else range(0)
                for at in (*between, number):
                    numbers.append(at)
                    rows.append(cells if at == number else {})
                    if len(numbers) == size:
                        yield self._piece(numbers, rows, columns)
                        numbers, rows = [], []
                last = number
        if numbers:
            yield self._piece(numbers, rows, columns)
        # Cells that are merged below the header take no others; a row that is merged as a whole leaves no column free.
        merged = (last for row, last in reader.merged if row >= self.header and last <= MOST_COLUMNS // 2)
        self.last_column = max(reader.last_column, *merged, 0)

    def check_room(self) -> None:
        """Raise `UsageError` if no columns are left for those added. All rows are read only if it may be so."""
        with self._damage():
            far = self._may_be_far()
        if far:
            for _ in self.pieces(1000, []):
                pass
        self._added_names()

    def _may_be_far(self) -> bool:
        """Return whether something may stand in the last columns: by its name, or it does not say where it stands."""
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
        names = names_beside(self.columns, self.added)
        if self.last_column + len(names) > MOST_COLUMNS:
            raise UsageError(f"{self.path}: sheet {self.sheet.name} has no room for {len(names)} columns more")
        return names

    def write(self, path: Path, piece: Piece, fields: Sequence[Fields], safe: bool) -> None:
        """See `Carrier.write`."""
        path.write_text(json.dumps([*zip(piece.numbers, fields, strict=True)]))  # ASCII: cells may hold half characters

    def join(self, parts: Sequence[Path], target: Path, safe: bool) -> None:
        """See `Carrier.join`. Texts are written as texts, never as formulas."""
        names, first = self._added_names(), self.last_column + 1

        def rows() -> Iterator[tuple[int, Sequence[Any]]]:
            yield self.header, [*[None] * len(self.filled), *names]
            for part in parts:
                yield from json.loads(part.read_text())

        book = self.package.zip
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as out:
            for entry in book.infolist():
                copy = zipfile.ZipInfo(entry.filename, entry.date_time)
                copy.compress_type, copy.external_attr = zipfile.ZIP_DEFLATED, entry.external_attr
                with book.open(entry) as source, out.open(copy, "w", force_zip64=entry.file_size > 1 << 30) as file:
                    if entry.filename == self.sheet.part:
                        RowWriter(first, len(names), rows(), [self.places[n] for n in self.filled]).copy(source, file)
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
            UsageError: no sheets, or several and none has the column that is named.
        """
        sheets = sorted(self.package.sheets, key=lambda sheet: sheet.hidden)
        if not sheets:
            raise UsageError(f"{self.path}: no sheet with rows in it")
        chosen, columns = sheets[0], []
        for self.sheet in sheets:
            heads = self._heads()
            if any(_has(head, column) for head in heads):
                chosen = self.sheet
                break
            names = [str(value) for value in heads[0][1].values() if value is not None] if heads else ["nothing in it"]
            columns.append(f"{self.sheet.name} ({listed(names)})")
        else:
            if len(sheets) > 1 and column is not None:
                raise UsageError(f"--column {column}: in no sheet of {self.path}; they have {'; '.join(columns)}")
        if len(sheets) > 1:
            others = ", ".join(sheet.name for sheet in self.package.sheets if sheet != chosen)
            self.guesses.append(f"sheet {chosen.name} is read, not {others}")
        return chosen

    def _filled(self, reader: RowReader) -> Iterator[Row]:
        with self.package.zip.open(self.sheet.part) as file:
            for number, cells in reader.read(file):
                if any(value is not None for value in cells.values()):
                    yield number, cells

    def _heads(self) -> list[Row]:
        heads = []
        for head in self._filled(RowReader(self.package)):
            heads.append(head)
            if len(heads) == HEAD_ROWS:
                break
        return heads

    def _piece(self, numbers: list[int], rows: list[dict[int, Any]], columns: Sequence[str]) -> Piece:
        return Piece(numbers, {name: [row.get(self.places[name]) for row in rows] for name in columns})

    def _damage(self) -> AbstractContextManager[None]:
        return explained(f"{self.path}: cannot be read as xlsx", *DAMAGE, error=UsageError)


def _has(head: Row, column: str | None) -> bool:
    """Return whether a row names the columns with the addresses; that one is the only one is not enough."""
    names = [str(value) for value in head[1].values() if value is not None]
    if column is not None:
        return set(names_in(column, names)) <= set(names)
    try:
        find_column([*names, ""], None)
    except UsageError:
        return False
    return True
