"""JSON records of a file, each with its line: JSON lines, arrays, objects over several lines, one after another."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from buqi.encoding import half_in
from buqi.errors import UsageError, listed
from buqi.json_text import Written, plain_spaces, repeated_in, said_of, with_repeats

MISTAKES_SHOWN = 20  # bad rows that are listed one by one
DECODER = json.JSONDecoder(object_pairs_hook=with_repeats, parse_float=Written)
ODD_BYTES = (b"\r", b"\0", codecs.BOM_UTF8)
MOST_LINES = 1000  # that one object may take where the first object of the file has one line
BLOCK = 1 << 20  # bytes that are read at once
Records = Iterator[tuple[int, Any]]  # line and value; a `Wrong` for a value that cannot be read


class Wrong(str):
    """What is wrong with a record; it stands in the record's place."""


def records(text: str) -> Records:
    """Yield every record of a text with its line. Nothing is left out: what cannot be read is a `Wrong`."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = text.split("\n")
    begun = next((line.strip() for line in lines if line.strip()), "")
    if begun.startswith("[") or (begun.startswith("{") and _goes_on(begun)):
        yield from _one_after_another(text)
        return
    number = 0
    while number < len(lines):
        line, taken = lines[number].strip(), 1
        if line:
            value = read_value(line)
            if isinstance(value, Wrong) and _goes_on(line):
                value, taken = _over_lines(lines[number : number + MOST_LINES]) or (value, 1)
            yield number + 1, value
        number += taken


def _over_lines(lines: list[str]) -> tuple[Any, int] | None:
    """Return the value that begins on the first of these lines and goes on in the next, and how many lines it has.

    Nothing is returned where it does not end, or where more stands behind it on its last line.
    """
    text = plain_spaces("\n".join(lines)).lstrip()
    try:
        value, end = DECODER.raw_decode(text)
    except (ValueError, RecursionError):
        return None
    whole = not text[end:].split("\n", 1)[0].strip()
    return (_checked(value), text.count("\n", 0, end) + 1) if whole else None


def records_by_lines(path: Path) -> Records | None:
    """Return what `records` yields of a file, which is read line by line.

    Only of plain JSON lines in UTF-8, else ``None``.
    """
    return _of_lines(path) if _plain_lines(path) else None


def _of_lines(path: Path) -> Records:
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if text := line.decode().strip():
                yield number, read_value(text)


def _plain_lines(path: Path) -> bool:
    """Whether a file is UTF-8 without a byte order mark, zeros and carriage returns, and begins with a whole object."""
    decoder, tail = codecs.getincrementaldecoder("utf-8")(), b""
    with path.open("rb") as file:
        first = next((line for line in file if line.strip()), b"")
        file.seek(0)
        try:
            while block := file.read(BLOCK):
                decoder.decode(block)
                if any(odd in tail + block for odd in ODD_BYTES):
                    return False
                tail = block[-2:]
            decoder.decode(b"", final=True)
            begun = first.decode().strip()
        except UnicodeDecodeError:
            return False
    return begun.startswith("{") and not _goes_on(begun)


def refuse(path: Path, errors: list[str]) -> None:
    """Raise a `UsageError` that lists ``errors``, one for each bad row; nothing if there are none."""
    if errors:
        raise UsageError("\n".join([f"{len(errors)} bad rows in {path}", *first_of(errors)]))


def first_of(lines: list[str]) -> list[str]:
    """Return the first `MISTAKES_SHOWN` lines, and one that says how many more there are."""
    more = len(lines) - MISTAKES_SHOWN
    return [*lines[:MISTAKES_SHOWN], *([f"… and {more} more"] if more > 0 else [])]


def _goes_on(line: str) -> bool:
    """Whether a line is the beginning of an object that goes on in the next."""
    try:
        DECODER.decode(plain_spaces(line).strip())
    except json.JSONDecodeError as error:
        return error.pos >= len(line)
    except (ValueError, RecursionError):
        pass
    return False


def read_value(line: str) -> Any:
    """Return the value of a JSON text, or what is wrong with it as a `Wrong`."""
    try:
        return _checked(DECODER.decode(line))
    except json.JSONDecodeError as error:
        plain = plain_spaces(line).strip()
        if plain != line:
            return read_value(plain)
        shown = line[:60].replace("\0", "\ufffd")
        return Wrong(f"not JSON ({said_of(error)}): {shown}")
    except (ValueError, RecursionError) as error:
        return _unreadable(error)


def _unreadable(error: Exception) -> Wrong:
    return Wrong("nested too deep" if isinstance(error, RecursionError) else f"cannot be read ({str(error)[:120]})")


def _checked(value: Any) -> Any:
    """Return a value that was read, or a `Wrong`: a key stands in it twice, or half a character."""
    if twice := repeated_in(value):
        return Wrong(f"{listed(twice)} given twice; keep one of them")
    if half := half_in(json.dumps(value, ensure_ascii=False)):
        told = f"a lone surrogate (\\u{ord(half):04x}, half of a character)"
        return Wrong(f"{told} stands in it; write the whole character")
    return value


def _one_after_another(text: str) -> Records:
    """Yield the records of arrays and objects that follow each other; behind a mistake nothing can be read."""
    text, at, inside = plain_spaces(text), 0, False
    while True:
        while at < len(text) and (text[at] in " \t\r\n" or (inside and text[at] == ",")):
            at += 1
        line = text.count("\n", 0, at) + 1
        if at >= len(text):
            if inside:
                yield line, Wrong("the JSON array is not closed: expected ]")
            return
        if text[at] == "]" and inside:
            inside, at = False, at + 1
            continue
        if text[at] == "[" and not inside:
            inside, at = True, at + 1
            continue
        try:
            value, at = DECODER.raw_decode(text, at)
            value = _checked(value)
        except json.JSONDecodeError as error:
            where = f", line {error.lineno}" if error.lineno != line else ""
            found = text[at : at + 60].strip()
            yield line, Wrong(f"not JSON ({said_of(error)}{where}): {found}; nothing behind it was read")
            return
        except (ValueError, RecursionError) as error:
            yield line, _unreadable(error)
            return
        yield line, value
