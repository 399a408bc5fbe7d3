"""jsonl: the text of a line stays as it is, and keys are added at its end."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from buqi.bulk.fields import ADDED, Fields, names_beside
from buqi.bulk.table_file import Piece
from buqi.bulk.text_lines import TextLines
from buqi.errors import UsageError

NO_OBJECT = "not a JSON object"
NUMBERS_AS_TEXT = json.JSONDecoder(parse_int=str)  # a number of thousands of digits is no error


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
            row = {"line": line} | dict(zip(self.added, added, strict=True)) | {"notes": NO_OBJECT}
            return self.text.mark(raw) + self._json(row) + end
        if filled:
            raw = self.text.mark(raw) + self.text.encoded(_with_values(text, filled))
        names = names_beside([*keys, *filled], self.added)
        new = {name: value for name, value in filled.items() if name not in keys}
        more = self._json(new | dict(zip(names, added, strict=True)))
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


def _with_values(text: str, values: Mapping[str, str]) -> str:
    """Return the text of a JSON object with new values of keys that it has. All other text stays.

    Of a key that is given twice the last counts, as in `json.loads`.
    """
    spans: dict[str, tuple[int, int]] = {}
    at = _next_value(text, text.index("{") + 1)
    while text[at] != "}":
        key, at = NUMBERS_AS_TEXT.raw_decode(text, at)
        begin = _next_value(text, at)
        _, end = NUMBERS_AS_TEXT.raw_decode(text, begin)
        spans[key] = begin, end
        at = _next_value(text, end)
    for key in sorted(values.keys() & spans, key=lambda key: spans[key], reverse=True):
        begin, end = spans[key]
        text = text[:begin] + json.dumps(values[key], ensure_ascii=False) + text[end:]
    return text


def _next_value(text: str, at: int) -> int:
    """Return where the next key, value or bracket of a JSON text begins, from ``at`` on."""
    while text[at] in " \t\r\n,:":
        at += 1
    return at


def _value_with_long_numbers(line: str) -> Any:
    try:
        return json.loads(line, parse_int=float)
    except (ValueError, RecursionError):
        return None
