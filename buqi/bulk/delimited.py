"""csv and tsv: the text of a row stays as it is, and columns are written behind it.

`buqi.rows.cells` reads the same files with the same `buqi.csv_rows`, and refuses what is carried along here: bytes of
no encoding, rows of more cells than the header, two columns of one name.
"""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Any, NamedTuple

from buqi.bulk.fields import ADDED, Fields, names_beside
from buqi.bulk.formulas import harmless
from buqi.bulk.table_file import Piece
from buqi.bulk.text_lines import TextLines
from buqi.csv_rows import ONE_COLUMN, csv_rows, form_of
from buqi.errors import UsageError
from buqi.files import kind_of

SPACES = re.compile(r"[\t\r\n]")


class Record(NamedTuple):
    """A row of the file; a blank line has no cells."""

    raw: bytes  # with its line end
    cells: list[str]


class Delimited:
    """csv or tsv. Bytes that are not in the file's encoding go through unchanged.

    A blank line stays one. In a file of one column it is a row whose cell is empty.
    """

    def __init__(self, path: Path, added: Sequence[str] = ADDED, encoding: str | None = None) -> None:
        self.path, self.added, self.text = path, added, TextLines(path, encoding)
        self.filled: Sequence[str] = ()
        self.ends = [self.text.encoded(end) for end in ("\r\n", "\n", "\r")]
        tabs = kind_of(path) == ".tsv"
        self.form = form_of(path, map(self.text.decoded, self.text.lines(at_cr=True)), tabs)
        # Of one column: a row with the divider in its cell gets quotes, so that the added cells stand behind it.
        self.delimiter = self.form.divider if self.form.divider != ONE_COLUMN else "\t" if tabs else ","
        self.guesses = [*self.text.guesses]
        if not tabs and not self.form.divider_line and self.delimiter != ",":
            self.guesses.append(f"columns divided by {self.delimiter!r}")
        self._check_quotes()
        self.before: list[bytes] = []  # what stands before the header: empty rows, a line that names the divider
        self.header, self.columns = b"", []
        for raw, cells in self._records():
            if self._names_columns(cells):
                self.header, self.columns = raw, cells
                break
            self.before.append(raw)
        else:
            raise UsageError(f"{path}: no rows in it")
        self.single = len(self.columns) == 1  # then a blank line is a row

    def _names_columns(self, cells: Sequence[str]) -> bool:
        """Whether a row is the header: it has a name, or the only column has the name ``""``."""
        return any(map(str.strip, cells)) or (cells == [""] and self.form.divider == ONE_COLUMN)

    def _check_quotes(self) -> None:
        """Read all rows where a quote may be open: found now, and not after hours of work."""
        quotes = self.text.count(b'"')
        if quotes % 2 or (quotes and self.form.divider == "\t"):
            try:
                deque(self._records(), maxlen=0)
            except UsageError:
                plain = self.form.without_quotes(map(self.text.decoded, self.text.lines(at_cr=True)))
                if plain is None:
                    raise
                self.form = plain

    def _records(self) -> Iterator[Record]:
        """Yield the rows of the file, the header among them; `UsageError` as `csv_rows`."""
        raw: list[bytes] = []

        def lines() -> Iterator[str]:
            for line in self.text.lines(at_cr=True):
                raw.append(line)
                yield self.text.decoded(line)

        for _, cells in csv_rows(self.path, lines(), self.form):
            yield Record(raw[0] if len(raw) == 1 else b"".join(raw), cells)
            raw.clear()

    def pieces(self, size: int, columns: Sequence[str]) -> Iterator[Piece]:
        """See `TableFile.pieces`. The numbers of rows count the header and blank lines, as a spreadsheet does."""
        at = [self.columns.index(name) for name in columns]
        records: list[Record] = []
        numbers: list[int] = []
        in_head = True  # what stands before the header, then the header
        for number, record in enumerate(self._records(), 1):
            if in_head:
                in_head = not self._names_columns(record.cells)
                continue
            records.append(record)
            if record.cells or self.single:
                numbers.append(number)
                if len(numbers) == size:
                    yield self._piece(records, numbers, columns, at)
                    records, numbers = [], []
        if records:
            yield self._piece(records, numbers, columns, at)

    def _piece(self, records: list[Record], numbers: list[int], columns: Sequence[str], at: list[int]) -> Piece:
        rows = [record.cells for record in records if record.cells or self.single]
        cells = {name: [row[i] if i < len(row) else "" for row in rows] for name, i in zip(columns, at, strict=True)}
        return Piece(numbers, cells, records)

    def write(self, path: Path, piece: Piece, fields: Sequence[Fields], safe: bool) -> None:
        """See `TableFile.write`. A short row gets empty cells, so that the added ones stand under their names."""
        at = [self.columns.index(name) for name in self.filled]
        added = [["" if value is None else harmless(value) for value in row[len(at) :]] for row in fields]
        rows = zip(self._texts(added), (dict(zip(at, row, strict=False)) for row in fields), strict=True)
        lines = [
            self._line(record, *next(rows), safe) if record.cells or self.single else record.raw
            for record in piece.records
        ]
        path.write_bytes(b"".join(lines))

    def join(self, parts: Sequence[Path], target: Path, safe: bool) -> None:
        """See `TableFile.join`."""
        (names,) = self._texts([names_beside(self.columns, self.added)])
        header = self._line(Record(self.header, self.columns), names, {}, safe)
        self.text.join(b"".join(self.before) + header, parts, target)

    def _line(self, record: Record, added: str, filled: Mapping[int, str | None], safe: bool) -> bytes:
        """Return a row with the added cells behind its own, or before those of its own that have no name.

        Args:
            record: the row.
            added: the added cells, as csv.
            filled: values for cells of its own, by the number of the column; ``None`` leaves a cell as it is.
            safe: whether its own cells are guarded against formulas.
        """
        raw, cells = record
        end = next((end for end in self.ends if raw.endswith(end)), b"")
        body = raw.removesuffix(end)
        own = _with_filled(cells, filled)
        if safe:
            own = [harmless(cell) for cell in own]
        if own != cells or self._is_divided(body, cells):
            changed = self._changed(self.text.decoded(body), cells, own)
            body, cells = self.text.mark(body) + self.text.encoded(changed), own
        missing = len(self.columns) - len(cells or [""])
        if missing < 0:
            named_cells = self._cell_texts(self.text.decoded(body))[: len(self.columns)]
            named = self.text.mark(body) + self.text.encoded(self.delimiter.join(named_cells))
            return named + self.text.encoded(self.delimiter + added) + body[len(named) :] + end
        return body + self.text.encoded(self.delimiter * (missing + 1) + added) + end

    def _is_divided(self, body: bytes, cells: Sequence[str]) -> bool:
        """Whether the only cell of a row would be several beside the added ones."""
        text = self.text.decoded(body) if self.form.divider == ONE_COLUMN else ""
        return self.delimiter in text and next(csv.reader([text], delimiter=self.delimiter)) != cells

    def _changed(self, text: str, cells: Sequence[str], own: Sequence[str]) -> str:
        """Return the text of a row with ``own`` in place of its ``cells``. A cell that is the same keeps its quotes."""
        if self.form.divider == ONE_COLUMN:
            return self._texts([own])[0]
        texts = self._cell_texts(text) if cells else []
        texts += [""] * (len(own) - len(texts))
        for at, (value, before) in enumerate(zip_longest(own, cells, fillvalue="")):
            if value != before:
                (texts[at],) = self._texts([[value]])
        return self.delimiter.join(texts)

    def _cell_texts(self, text: str) -> list[str]:
        """Return the text of each cell of a row, with its quotes, as `csv.reader` divides them."""
        if not self.form.quotes:
            return text.split(self.delimiter)
        divider = re.escape(self.delimiter)
        return re.findall(f'(?:^|{divider})((?:"(?:[^"]|"")*")?[^{divider}]*)', text)

    def _texts(self, rows: Sequence[Sequence[Any]]) -> list[str]:
        """Return each row as csv, without a line end."""
        out: list[str] = []
        if not self.form.quotes:
            return [self.delimiter.join(SPACES.sub(" ", str(cell)) for cell in row) for row in rows]
        writer = csv.writer(_Lines(out), delimiter=self.delimiter, lineterminator="\r\n")
        writer.writerows(rows)
        return out


def _with_filled(cells: list[str], filled: Mapping[int, str | None]) -> list[str]:
    """Return a row's cells with the values that are filled in."""
    own = list(cells)
    for at, value in filled.items():
        if value is not None:
            own += [""] * (at + 1 - len(own))
            own[at] = value
    return own


class _Lines:
    """A file for `csv.writer`, which calls ``write`` once a row: keeps the rows in a list, without their line ends."""

    def __init__(self, out: list[str]) -> None:
        self.out = out

    def write(self, text: str) -> int:
        self.out.append(text[:-2])
        return len(text)
