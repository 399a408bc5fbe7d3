"""jsonl: the text of a line stays as it is, and keys are added at its end."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from buqi.bulk.fields import ADDED, Fields, names_beside
from buqi.bulk.table_file import Piece
from buqi.bulk.text_lines import TextLines
from buqi.errors import UsageError

NO_OBJECT = "not a JSON object"


class LineRecord(NamedTuple):
    """A line of the file."""

    raw: bytes  # with its line end
    keys: list[str] | None  # of the JSON object; None if the line is none
    blank: bool = False


class JsonLines:
    """One JSON object a line. Another line becomes an object with its text under ``line``; a blank line stays blank."""

    def __init__(self, path: Path, added: Sequence[str] = ADDED, encoding: str | None = None) -> None:
        self.path, self.added, self.text = path, added, TextLines(path, encoding)
        self.filled: Sequence[str] = ()
        self.guesses = self.text.guesses
        objects = (_object(self.text.decoded(raw)) for raw in self.text.lines(at_cr=False))
        first = next((row for row in objects if row is not None), None)
        if first is None:
            raise UsageError(f"{path}: no line of it is a JSON object")
        self.columns = list(first)

    def pieces(self, size: int, columns: Sequence[str]) -> Iterator[Piece]:
        """See `TableFile.pieces`. Rows have the numbers of their lines."""
        numbers: list[int] = []
        records: list[LineRecord] = []
        rows: list[dict[str, Any]] = []
        for number, raw in enumerate(self.text.lines(at_cr=False), 1):
            text = self.text.decoded(raw)
            if not text.strip():
                records.append(LineRecord(raw, None, blank=True))
                continue
            row = _object(text)
            records.append(LineRecord(raw, None if row is None else list(row)))
            rows.append(row or {})
            numbers.append(number)
            if len(numbers) == size:
                yield Piece(numbers, {name: [row.get(name) for row in rows] for name in columns}, records)
                numbers, records, rows = [], [], []
        if records:
            yield Piece(numbers, {name: [row.get(name) for row in rows] for name in columns}, records)

    def write(self, path: Path, piece: Piece, fields: Sequence[Fields], safe: bool) -> None:
        """See `TableFile.write`."""
        rows = iter(fields)
        lines = [record.raw if record.blank else self._line(record, next(rows)) for record in piece.records]
        path.write_bytes(b"".join(lines))

    def join(self, parts: Sequence[Path], target: Path, safe: bool) -> None:
        """See `TableFile.join`."""
        self.text.join(b"", parts, target)

    def _line(self, record: LineRecord, values: Fields) -> bytes:
        raw, keys = record.raw, record.keys
        text = self.text.decoded(raw)
        line = text.rstrip("\r\n")
        end = self.text.encoded(text[len(line) :])
        filled = {name: value for name, value in zip(self.filled, values, strict=False) if value is not None}
        added = values[len(self.filled) :]
        if keys is None:
            return self._json({"line": line} | dict(zip(self.added, added, strict=True)) | {"notes": NO_OBJECT}) + end
        if filled:
            row = (_object(text) or {}) | filled
            raw, keys = self._json(row) + end, list(row)
        more = self._json(dict(zip(names_beside(keys, self.added), added, strict=True)))
        brace = self.text.encoded("}")
        at = raw.rindex(brace)  # only white space is behind it
        return raw[:at] + (self.text.encoded(", ") if keys else b"") + more[len(brace) :] + raw[at + len(brace) :]

    def _json(self, row: dict[str, Any]) -> bytes:
        text = json.dumps(row, ensure_ascii=False)
        try:
            return text.encode(self.text.encoding)
        except UnicodeEncodeError:  # a lone surrogate, as "\\ud83d" in the source
            return json.dumps(row).encode(self.text.encoding)


def _object(line: str) -> dict[str, Any] | None:
    """Return the JSON object that a line is; ``None`` if it is none."""
    try:
        row = json.loads(line)
    except (json.JSONDecodeError, RecursionError):
        row = None
    except ValueError:  # a number of thousands of digits
        row = _value_with_long_numbers(line)
    return row if isinstance(row, dict) else None


def _value_with_long_numbers(line: str) -> Any:
    try:
        return json.loads(line, parse_int=float)
    except (ValueError, RecursionError):
        return None
