"""jsonl: a line keeps its own text, and keys are written behind its last."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from buqi.bulk.carrier import Piece
from buqi.bulk.fields import ADDED, Fields, names_beside
from buqi.bulk.text_lines import TextLines
from buqi.errors import UsageError

NO_OBJECT = "not a JSON object"


class LineRecord(NamedTuple):
    """A line of the file."""

    raw: bytes  # with its line end
    keys: list[str] | None  # of its object, if it is one
    blank: bool = False


class JsonLines:
    """One JSON object a line. A line that is none is kept as text under ``line``; a blank line stays one."""

    def __init__(self, path: Path, added: Sequence[str] = ADDED, encoding: str | None = None) -> None:
        self.path, self.added, self.text = path, added, TextLines(path, encoding)
        self.filled: Sequence[str] = ()
        self.guesses = self.text.guesses
        found = (_object(self.text.decoded(raw)) for raw in self.text.lines(at_cr=False))
        first = next((record for record in found if record is not None), None)
        if first is None:
            raise UsageError(f"{path}: no line of it is a JSON object")
        self.columns = list(first)

    def pieces(self, size: int, columns: Sequence[str]) -> Iterator[Piece]:
        """See `Carrier.pieces`. Rows have the numbers of their lines."""
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
        """See `Carrier.write`."""
        rows = iter(fields)
        lines = [record.raw if record.blank else self._line(record, next(rows)) for record in piece.records]
        path.write_bytes(b"".join(lines))

    def join(self, parts: Sequence[Path], target: Path, safe: bool) -> None:
        """See `Carrier.join`."""
        self.text.join(b"", parts, target)

    def _line(self, record: LineRecord, values: Fields) -> bytes:
        raw, keys = record.raw, record.keys
        filled, values = zip(self.filled, values, strict=False), values[len(self.filled) :]
        if keys is not None and (own := {name: value for name, value in filled if value is not None}):
            text = self.text.decoded(raw)
            raw = self._json((_object(text) or {}) | own) + self.text.encoded(text[len(text.rstrip("\r\n")) :])
            keys = [*dict.fromkeys([*keys, *own])]
        if keys is None:
            text = self.text.decoded(raw)
            line = text.rstrip("\r\n")
            row = {"line": line} | dict(zip(self.added, values, strict=True)) | {"notes": NO_OBJECT}
            return self._json(row) + self.text.encoded(text[len(line) :])
        added = self._json(dict(zip(names_beside(keys, self.added), values, strict=True)))
        brace = self.text.encoded("}")
        at = raw.rindex(brace)  # nothing but white space is behind it
        return raw[:at] + (self.text.encoded(", ") if keys else b"") + added[len(brace) :] + raw[at + len(brace) :]

    def _json(self, row: dict[str, Any]) -> bytes:
        text = json.dumps(row, ensure_ascii=False)
        try:
            return text.encode(self.text.encoding)
        except UnicodeEncodeError:  # half a character, as "\\ud83d" in the source
            return json.dumps(row).encode(self.text.encoding)


def _object(line: str) -> dict[str, Any] | None:
    try:
        row = json.loads(line)
    except ValueError as error:  # no JSON, or a number of thousands of digits
        row = None if isinstance(error, json.JSONDecodeError) else _object_with_long_numbers(line)
    except RecursionError:
        row = None
    return row if isinstance(row, dict) else None


def _object_with_long_numbers(line: str) -> Any:
    try:
        return json.loads(line, parse_int=float)
    except (ValueError, RecursionError):
        return None
