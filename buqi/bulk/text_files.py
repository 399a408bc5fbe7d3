"""Text files of rows: csv, tsv and jsonl, each also .gz."""

from __future__ import annotations

import csv
import gzip
import io
import json
import shutil
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import IO, Any, TypeVar

from buqi.bulk.fields import ADDED, Fields, names_beside
from buqi.bulk.formulas import harmless
from buqi.errors import UsageError

csv.field_size_limit(1 << 28)
SAMPLE_BYTES = 1 << 20
Row = TypeVar("Row")


def kind_of(path: Path) -> str:
    """Return the suffix that says what a file is, ``.gz`` apart."""
    return (path.with_suffix("") if path.suffix.lower() == ".gz" else path).suffix.lower()


def encoding_of(path: Path) -> str:
    """Return a text file's encoding by its first megabyte: UTF-8 (with its mark or not), UTF-16 or GB18030."""
    with _bytes(path) as file:
        head = file.read(SAMPLE_BYTES)
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


def _pieces(rows: Iterator[Row], size: int) -> Iterator[list[Row]]:
    while piece := list(islice(rows, size)):
        yield piece


class Delimited:
    """csv or tsv. Bytes that are not in the file's encoding go through unchanged."""

    def __init__(self, path: Path, added: Sequence[str] = ADDED) -> None:
        self.path, self.added, self.encoding = path, added, encoding_of(path)
        with self._open() as file:
            head = file.read(SAMPLE_BYTES)
        first = head.partition("\n")[0]
        self.divider = "\t" if kind_of(path) == ".tsv" else max(",;\t|", key=first.count)
        self.line_end = "\r\n" if first.endswith("\r") else "\n"
        self.columns = next(iter(csv.reader(io.StringIO(head, newline=""), delimiter=self.divider)), [])
        if not self.columns:
            raise UsageError(f"{path}: no rows in it")

    def _open(self) -> IO[str]:
        return io.TextIOWrapper(_bytes(self.path), self.encoding, errors="surrogateescape", newline="")

    def pieces(self, size: int) -> Iterator[list[list[str]]]:
        """See `TableFile.pieces`. Short rows are filled up, so that what is added stands under its name."""
        with self._open() as file:
            reader, width = csv.reader(file, delimiter=self.divider), len(self.columns)
            next(reader, None)
            yield from _pieces((row + [""] * (width - len(row)) for row in reader if row), size)

    def cells(self, piece: Sequence[list[str]], column: str) -> list[Any]:
        """See `TableFile.cells`."""
        at = self.columns.index(column)
        return [row[at] for row in piece]

    def write(self, path: Path, piece: Sequence[list[str]], added: Sequence[Fields], safe: bool) -> None:
        """See `TableFile.write`."""
        width, pairs = len(self.columns), zip(piece, added, strict=True)
        lines = [[*row[:width], *("" if v is None else harmless(v) for v in more), *row[width:]] for row, more in pairs]
        path.write_bytes(self._encoded(lines, safe))

    def join(self, parts: Sequence[Path], target: Path, safe: bool) -> None:
        """See `TableFile.join`."""
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
        first = next((record for line in self._lines() if (record := _object(line)) is not None), None)
        if first is None:
            raise UsageError(f"{path}: no line of it is a JSON object")
        self.columns = list(first)

    def _lines(self) -> Iterator[str]:
        with io.TextIOWrapper(_bytes(self.path), self.encoding, errors="surrogateescape", newline="\n") as file:
            for line in file:
                if line.strip():
                    yield line.rstrip("\r\n")

    def pieces(self, size: int) -> Iterator[list[str]]:
        """See `TableFile.pieces`."""
        return _pieces(self._lines(), size)

    def cells(self, piece: Sequence[str], column: str) -> list[Any]:
        """See `TableFile.cells`."""
        records = [_object(line) for line in piece]
        return [b"" if record is None else record.get(column) for record in records]

    def write(self, path: Path, piece: Sequence[str], added: Sequence[Fields], safe: bool) -> None:
        """See `TableFile.write`."""
        lines = []
        for line, more in zip(piece, added, strict=True):
            record = _object(line)
            if record is None:
                record, more = {"line": line}, [*more[:-1], "not a JSON object"]
            lines.append(_encoded(record | dict(zip(names_beside(list(record), self.added), more, strict=True))))
        path.write_bytes(b"".join(lines))

    def join(self, parts: Sequence[Path], target: Path, safe: bool) -> None:
        """See `TableFile.join`."""
        _compressed(parts, target, self.path)


def _encoded(record: dict[str, Any]) -> bytes:
    try:
        return json.dumps(record, ensure_ascii=False).encode("utf-8", "surrogateescape") + b"\n"
    except UnicodeEncodeError:  # half a character, as "\\ud83d" in the source
        return json.dumps(record).encode() + b"\n"


def _object(line: str) -> dict[str, Any] | None:
    try:
        record = json.loads(line)
    except (json.JSONDecodeError, RecursionError):
        return None
    return record if isinstance(record, dict) else None
