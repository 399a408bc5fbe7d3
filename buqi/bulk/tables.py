"""Files of addresses as pieces of rows, and pieces as a file again: csv, tsv, jsonl (each also .gz), parquet, xlsx.

Original columns, their order, encoding and line ends stay; columns are added behind them. Nothing is held in memory but
the piece at hand, except for xlsx, which cannot be read in pieces.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any, Protocol

import polars as pl

from buqi.bulk.fields import ADDED, Fields, harmless, names_beside
from buqi.errors import UsageError

csv.field_size_limit(1 << 28)
LIKELY = ("address", "addr", "src", "text", "地址", "详细地址", "住址", "收货地址", "input")
SAMPLE = 1 << 20


class Table(Protocol):
    """A file of rows.

    Attributes:
        columns: names of the columns.
        added: names of the columns that are written behind them.
    """

    columns: list[str]
    added: Sequence[str]

    def pieces(self, size: int) -> Iterator[list[Any]]:
        """Yield the rows, ``size`` at a time."""
        ...

    def cells(self, piece: Sequence[Any], column: str) -> list[Any]:
        """Return one column of a piece."""
        ...

    def write(self, path: Path, piece: Sequence[Any], added: Sequence[Fields], safe: bool) -> None:
        """Write a piece with its added columns."""
        ...

    def join(self, parts: Sequence[Path], target: Path, safe: bool) -> None:
        """Put written pieces together as one file."""
        ...


def kind_of(path: Path) -> str:
    """Return the suffix that says what a file is, ``.gz`` apart."""
    return (path.with_suffix("") if path.suffix.lower() == ".gz" else path).suffix.lower()


def open_table(path: Path, sheet: str | None = None, added: Sequence[str] = ADDED) -> Table:
    """Return the table in a file, to which the columns ``added`` will be written.

    Raises:
        UsageError: no such file, a kind that is not read, damaged, without rows, or several sheets and none named.
    """
    if not path.is_file():
        raise UsageError(f"{path}: no such file")
    if sheet is not None and kind_of(path) != ".xlsx":
        raise UsageError(f"--sheet {sheet}: {path} has no sheets")
    try:
        if kind_of(path) in (".csv", ".tsv"):
            return Delimited(path, added)
        if kind_of(path) in (".jsonl", ".ndjson"):
            return JsonLines(path, added)
        if kind_of(path) == ".parquet":
            return Parquet(path, added)
        if kind_of(path) == ".xlsx":
            return Sheet(path, sheet, added)
    except (pl.exceptions.PolarsError, OSError, EOFError, csv.Error) as error:
        raise UsageError(f"{path}: cannot be read ({str(error).splitlines()[0][:200]})") from error
    raise UsageError(f"{path}: {kind_of(path) or 'no suffix'} is not read; expected csv, tsv, jsonl, parquet or xlsx")


def find_column(columns: Sequence[str], column: str | None) -> str:
    """Return the column with the addresses: the one named, or the one that is called so.

    Raises:
        UsageError: no such column, or none or several look like it.
    """
    if column is not None:
        if column not in columns:
            raise UsageError(f"--column {column}: the columns are {', '.join(columns)}")
        return column
    found = [name for name in columns if name.strip().lower() in LIKELY]
    if len(found) == 1 or len(columns) == 1:
        return found[0] if found else columns[0]
    raise UsageError(f"which column holds the addresses? Name it with --column: {', '.join(columns)}")


def encoding_of(path: Path) -> str:
    """Return a text file's encoding by its first megabyte: UTF-8 (with its mark or not), UTF-16 or GB18030."""
    with _bytes(path) as file:
        head = file.read(SAMPLE)
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    if head[:3] == b"\xef\xbb\xbf":
        return "utf-8-sig"
    # A few broken bytes in a UTF-8 file do not make it GB18030: the encoding that breaks least is the file's.
    broken = {name: head.decode(name, "replace").count("�") for name in ("utf-8", "gb18030")}
    return min(broken, key=lambda name: broken[name])


def _bytes(path: Path) -> IO[bytes]:
    return gzip.open(path, "rb") if path.suffix.lower() == ".gz" else path.open("rb")  # type: ignore[return-value]


def _compressed(parts: Sequence[Path], target: Path, original: Path, head: bytes = b"") -> None:
    out: Any = gzip.GzipFile(target, "wb", mtime=0) if original.suffix.lower() == ".gz" else target.open("wb")
    with out:
        out.write(head)
        for part in parts:
            with part.open("rb") as file:
                shutil.copyfileobj(file, out, 1 << 20)


class Delimited:
    """csv or tsv. Bytes that are not in the file's encoding go through unchanged."""

    def __init__(self, path: Path, added: Sequence[str] = ADDED) -> None:
        self.path, self.added, self.encoding = path, added, encoding_of(path)
        with self._open() as file:
            head = file.read(SAMPLE)
        first = head.partition("\n")[0]
        self.divider = "\t" if kind_of(path) == ".tsv" else max(",;\t|", key=first.count)
        self.line_end = "\r\n" if first.endswith("\r") else "\n"
        self.columns = next(iter(csv.reader(io.StringIO(head, newline=""), delimiter=self.divider)), [])
        if not self.columns:
            raise UsageError(f"{path}: no rows in it")

    def _open(self) -> IO[str]:
        return io.TextIOWrapper(_bytes(self.path), self.encoding, errors="surrogateescape", newline="")

    def pieces(self, size: int) -> Iterator[list[list[str]]]:
        """See `Table.pieces`. Short rows are filled up, so that what is added stands under its name."""
        with self._open() as file:
            reader = csv.reader(file, delimiter=self.divider)
            next(reader, None)
            piece: list[list[str]] = []
            width = len(self.columns)
            for row in reader:
                if row:
                    piece.append(row + [""] * (width - len(row)))
                if len(piece) == size:
                    yield piece
                    piece = []
            if piece:
                yield piece

    def cells(self, piece: Sequence[list[str]], column: str) -> list[Any]:
        """See `Table.cells`."""
        at = self.columns.index(column)
        return [row[at] for row in piece]

    def write(self, path: Path, piece: Sequence[list[str]], added: Sequence[Fields], safe: bool) -> None:
        """See `Table.write`."""
        width = len(self.columns)
        lines = [
            [*row[:width], *("" if v is None else v for v in more), *row[width:]]
            for row, more in zip(piece, added, strict=True)
        ]
        path.write_bytes(self._encoded(lines, safe))

    def join(self, parts: Sequence[Path], target: Path, safe: bool) -> None:
        """See `Table.join`."""
        mark = {"utf-8-sig": b"\xef\xbb\xbf", "utf-16": b"\xff\xfe"}.get(self.encoding, b"")
        head = mark + self._encoded([[*self.columns, *names_beside(self.columns, self.added)]], safe)
        _compressed(parts, target, self.path, head)

    def _encoded(self, lines: Sequence[Sequence[Any]], safe: bool) -> bytes:
        text = io.StringIO(newline="")
        writer = csv.writer(text, delimiter=self.divider, lineterminator=self.line_end)
        writer.writerows([[harmless(v) for v in line] for line in lines] if safe else lines)
        plain = {"utf-8-sig": "utf-8", "utf-16": "utf-16-le"}.get(self.encoding, self.encoding)
        return text.getvalue().encode(plain, "surrogateescape")


class JsonLines:
    """One JSON object a line. A line that is none goes through with a note."""

    def __init__(self, path: Path, added: Sequence[str] = ADDED) -> None:
        self.path, self.added, self.encoding = path, added, encoding_of(path)
        self.columns = []
        for line in self._lines():
            record = _object(line)
            if record is not None:
                self.columns = list(record)
                return
        raise UsageError(f"{path}: no line of it is a JSON object")

    def _lines(self) -> Iterator[str]:
        with io.TextIOWrapper(_bytes(self.path), self.encoding, errors="surrogateescape", newline="\n") as file:
            for line in file:
                if line.strip():
                    yield line.rstrip("\r\n")

    def pieces(self, size: int) -> Iterator[list[str]]:
        """See `Table.pieces`."""
        piece: list[str] = []
        for line in self._lines():
            piece.append(line)
            if len(piece) == size:
                yield piece
                piece = []
        if piece:
            yield piece

    def cells(self, piece: Sequence[str], column: str) -> list[Any]:
        """See `Table.cells`."""
        records = [_object(line) for line in piece]
        return [b"" if record is None else record.get(column) for record in records]

    def write(self, path: Path, piece: Sequence[str], added: Sequence[Fields], safe: bool) -> None:
        """See `Table.write`."""
        lines = []
        for line, more in zip(piece, added, strict=True):
            record = _object(line)
            if record is None:
                record, more = {"line": line}, [*more[:-1], "not a JSON object"]
            lines.append(record | dict(zip(names_beside(list(record), self.added), more, strict=True)))
        text = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in lines)
        path.write_bytes(text.encode("utf-8", "surrogateescape"))

    def join(self, parts: Sequence[Path], target: Path, safe: bool) -> None:
        """See `Table.join`."""
        _compressed(parts, target, self.path)


def _object(line: str) -> dict[str, Any] | None:
    try:
        record = json.loads(line)
    except (json.JSONDecodeError, RecursionError):
        return None
    return record if isinstance(record, dict) else None


class _Frames:
    """What parquet and xlsx have in common: pieces are frames with types."""

    columns: list[str]
    added: Sequence[str]

    def cells(self, piece: Sequence[dict[str, Any]], column: str) -> list[Any]:
        """See `Table.cells`."""
        return [row[column] for row in piece]

    def _frame(self, piece: Sequence[dict[str, Any]], added: Sequence[Fields], schema: pl.Schema) -> pl.DataFrame:
        names = names_beside(self.columns, self.added)
        left = pl.DataFrame(list(piece), schema=schema, orient="row") if piece else pl.DataFrame(schema=schema)
        kinds = {name: pl.Float64 if name.endswith("confidence") else pl.String for name in names}
        return left.hstack(pl.DataFrame([list(more) for more in added], schema=kinds, orient="row"))


class Parquet(_Frames):
    """A parquet file, read by row ranges."""

    def __init__(self, path: Path, added: Sequence[str] = ADDED) -> None:
        self.path, self.added = path, added
        self.schema = pl.read_parquet_schema(path)
        self.columns = list(self.schema)
        self.rows = pl.scan_parquet(path).select(pl.len()).collect().item()

    def pieces(self, size: int) -> Iterator[list[dict[str, Any]]]:
        """See `Table.pieces`."""
        for at in range(0, self.rows, size):
            yield pl.scan_parquet(self.path).slice(at, size).collect().to_dicts()

    def write(self, path: Path, piece: Sequence[dict[str, Any]], added: Sequence[Fields], safe: bool) -> None:
        """See `Table.write`."""
        self._frame(piece, added, pl.Schema(self.schema)).write_parquet(path)

    def join(self, parts: Sequence[Path], target: Path, safe: bool) -> None:
        """See `Table.join`."""
        if not parts:
            self._frame([], [], pl.Schema(self.schema)).write_parquet(target)
            return
        pl.scan_parquet(list(parts)).sink_parquet(target, maintain_order=True)


class Sheet(_Frames):
    """One sheet of an xlsx file."""

    def __init__(self, path: Path, sheet: str | None, added: Sequence[str] = ADDED) -> None:
        from buqi.rows.cells import read_sheet

        self.path, self.added = path, added
        self.frame = read_sheet(path, sheet)
        self.columns = list(self.frame.columns)

    def pieces(self, size: int) -> Iterator[list[dict[str, Any]]]:
        """See `Table.pieces`."""
        for piece in self.frame.iter_slices(size):
            yield piece.to_dicts()

    def write(self, path: Path, piece: Sequence[dict[str, Any]], added: Sequence[Fields], safe: bool) -> None:
        """See `Table.write`."""
        self._frame(piece, added, self.frame.schema).write_parquet(path)

    def join(self, parts: Sequence[Path], target: Path, safe: bool) -> None:
        """See `Table.join`. Texts are written as texts, never as formulas."""
        import xlsxwriter

        options = dict.fromkeys(("constant_memory", "nan_inf_to_errors"), True)
        options |= dict.fromkeys(("strings_to_formulas", "strings_to_urls"), False)
        with xlsxwriter.Workbook(target, options) as book:
            page = book.add_worksheet()
            day = book.add_format({"num_format": "yyyy-mm-dd"})
            page.write_row(0, 0, [*self.columns, *names_beside(self.columns, self.added)])
            at = 1
            for part in parts:
                for row in pl.read_parquet(part).iter_rows():
                    for column, value in enumerate(row):
                        if hasattr(value, "isoformat"):
                            page.write(at, column, value, day)
                        elif value is not None:
                            page.write(at, column, value if isinstance(value, (int, float, str)) else str(value))
                    at += 1
