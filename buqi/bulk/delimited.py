"""csv and tsv: the text of a row stays as it is, and columns are written behind it."""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, zip_longest
from pathlib import Path
from typing import Any, NamedTuple

from buqi.bulk.fields import ADDED, Fields, names_beside
from buqi.bulk.formulas import harmless
from buqi.bulk.table_file import Piece
from buqi.bulk.text_lines import LONGEST_LINE, TextLines
from buqi.errors import UsageError

csv.field_size_limit(LONGEST_LINE)
DELIMITERS = ",;\t|"
HEADER_LINES = 1000
QUOTED = re.compile('"(?:[^"]|"")*"')


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
        tabs = path.name.lower().removesuffix(".gz").endswith(".tsv")
        self.delimiter = "\t" if tabs else max(DELIMITERS, key=QUOTED.sub("", self._first()).count)
        self.guesses = [*self.text.guesses]
        if not tabs and self.delimiter != ",":
            self.guesses.append(f"columns divided by {self.delimiter!r}")
        self.before: list[bytes] = []  # blank lines before the header
        self.header, self.columns = b"", []
        for raw, cells in self._records():
            if cells:
                self.header, self.columns = raw, cells
                break
            self.before.append(raw)
        else:
            raise UsageError(f"{path}: no rows in it")
        self.single = len(self.columns) == 1  # then a blank line is a row
        if self.text.count(b'"') % 2:  # one may be unclosed: found now, and not after hours of work
            deque(self._records(), maxlen=0)

    def _first(self) -> str:
        """Return the lines of the first row that is not blank."""
        first = ""
        for line in islice(map(self.text.decoded, self.text.lines(at_cr=True)), HEADER_LINES):
            first += line
            if first.strip() and first.count('"') % 2 == 0:
                break
        return first

    def _records(self) -> Iterator[Record]:
        """Yield the rows of the file, the header among them.

        Raises:
            UsageError: a quote is not closed, or a row cannot be read.
        """
        raw: list[bytes] = []
        read = 0

        def lines() -> Iterator[str]:
            nonlocal read
            size = 0
            for line in self.text.lines(at_cr=True):
                read, size = read + 1, size + len(line) if raw else len(line)
                raw.append(line)
                if size > LONGEST_LINE:
                    break
                yield self.text.decoded(line)
            if raw:  # the reader asks for another line, so the last row is not ended
                raise self._open_quote(read + 1 - len(raw))

        reader = csv.reader(lines(), delimiter=self.delimiter)
        try:
            for cells in reader:
                if len(raw) > 1:
                    self._check_quotes(raw, read + 1 - len(raw))
                yield Record(raw[0] if len(raw) == 1 else b"".join(raw), cells)
                raw.clear()
        except csv.Error as error:
            raise UsageError(f"{self.path}: line {max(read, 1)} cannot be read ({error})") from error

    def _check_quotes(self, raw: list[bytes], line: int) -> None:
        """Refuse a row of several lines with text behind a closing quote: that quote opens a cell of another row."""
        try:
            list(csv.reader(map(self.text.decoded, raw), delimiter=self.delimiter, strict=True))
        except csv.Error as error:
            raise self._open_quote(line) from error

    def _open_quote(self, line: int) -> UsageError:
        what = 'a quote (") opens a cell and is not closed'
        return UsageError(f'{self.path}: line {line}: {what}; close it, or write it as """" if it belongs to the text')

    def pieces(self, size: int, columns: Sequence[str]) -> Iterator[Piece]:
        """See `TableFile.pieces`. The numbers of rows count the header and blank lines, as a spreadsheet does."""
        at = [self.columns.index(name) for name in columns]
        records: list[Record] = []
        numbers: list[int] = []
        in_head = True  # blank lines, then the header
        for number, record in enumerate(self._records(), 1):
            if in_head:
                in_head = not record.cells
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
        if own != cells:
            changed = self._changed(self.text.decoded(body), cells, own)
            body, cells = self.text.mark(body) + self.text.encoded(changed), own
        missing = len(self.columns) - len(cells or [""])
        if missing < 0:
            named_cells = self._cell_texts(self.text.decoded(body))[: len(self.columns)]
            named = self.text.mark(body) + self.text.encoded(self.delimiter.join(named_cells))
            return named + self.text.encoded(self.delimiter + added) + body[len(named) :] + end
        return body + self.text.encoded(self.delimiter * (missing + 1) + added) + end

    def _changed(self, text: str, cells: Sequence[str], own: Sequence[str]) -> str:
        """Return the text of a row with ``own`` in place of its ``cells``. A cell that is the same keeps its quotes."""
        texts = self._cell_texts(text) if cells else []
        texts += [""] * (len(own) - len(texts))
        for at, (value, before) in enumerate(zip_longest(own, cells, fillvalue="")):
            if value != before:
                (texts[at],) = self._texts([[value]])
        return self.delimiter.join(texts)

    def _cell_texts(self, text: str) -> list[str]:
        """Return the text of each cell of a row, with its quotes, as `csv.reader` divides them."""
        divider = re.escape(self.delimiter)
        return re.findall(f'(?:^|{divider})((?:"(?:[^"]|"")*")?[^{divider}]*)', text)

    def _texts(self, rows: Sequence[Sequence[Any]]) -> list[str]:
        """Return each row as csv, without a line end."""
        out: list[str] = []
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
