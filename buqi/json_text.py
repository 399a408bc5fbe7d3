"""JSON as people send it (odd spaces, punctuation of an input method, a key given twice), and as buqi writes it."""

from __future__ import annotations

import json
import math
import re
import unicodedata
from collections import Counter
from typing import Any

STRING = r'"(?:\\.|[^"\\\n])*"'
ODD_SPACES = r"[\u00a0\u1680\u2000-\u200b\u2028\u2029\u202f\u205f\u2060\u3000\ufeff]"
STRING_OR_SPACE = re.compile(f"({STRING})|{ODD_SPACES}")
# Characters that people write in place of one of JSON's, by JSON's.
WRITTEN_FOR = {
    '"': "“”„‟«»＂‘’‚′″「」'`",
    ":": "：︰",
    ",": "，、､",
    "{": "｛",
    "}": "｝",
    "[": "［【",
    "]": "］】",
    "-": "－−–",
}
MEANT = {odd: plain for plain, all_odd in WRITTEN_FOR.items() for odd in all_odd}
ODD = re.compile(f"{STRING}|([{re.escape(''.join(MEANT))}])")
ODD_YAML = re.compile(rf"^[ -]*({ODD_SPACES})|^[^\"'#:]*:({ODD_SPACES})|^[^\"'#:]*([：“”])", re.MULTILINE)

BEHIND = {  # what stands behind a whole object, by how it begins
    ",": "a comma stands behind the object; take it out",
    "{": "another object stands behind the first; put it on a line of its own",
}
PYTHONS = {"True": "true", "False": "false", "None": "null"}
PYTHON = re.compile("|".join(PYTHONS))


class Written(float):
    """A number that keeps its spelling: the text of 1.10 is 1.10. Used as ``parse_float`` of a decoder."""

    def __new__(cls, written: str) -> Written:  # noqa: D102 (the class says it)
        number = super().__new__(cls, written)
        number.written = written
        return number

    written: str

    def __str__(self) -> str:
        return self.written


class Repeating(dict[Any, Any]):
    """An object in which keys are given twice; ``twice`` has their names."""

    twice: tuple[str, ...] = ()


def plain_spaces(text: str) -> str:
    """Return ``text`` in which white space that JSON lacks (U+00A0, U+3000) is a space, but not in strings."""
    return STRING_OR_SPACE.sub(lambda match: match[1] or " ", text)


def at_comma(error: json.JSONDecodeError) -> json.JSONDecodeError:
    """Return the error moved to a trailing comma, if one stands before a closing bracket; else the error itself."""
    before, end = error.doc[: error.pos].rstrip(), error.doc[error.pos : error.pos + 1]
    if not before.endswith(",") or end not in ("}", "]"):
        return error
    return json.JSONDecodeError(f"the comma before {end} is one too many", error.doc, len(before) - 1)


def said_of(error: json.JSONDecodeError) -> str:
    """Return what is wrong with a text that is no JSON. A character that stands for one of JSON's is named."""
    start = error.doc.rfind("\n", 0, error.pos) + 1
    line = error.doc[start:].split("\n", 1)[0]
    if word := PYTHON.match(error.doc, error.pos):
        return f"{word[0]} stands where JSON has {PYTHONS[word[0]]}"
    found = error.doc[error.pos : error.pos + 1]
    if error.msg == "Extra data" and found in BEHIND:
        return BEHIND[found]
    if found == "\0":
        return "a zero byte (U+0000) stands there: the file was cut off or is damaged"
    if not _meant(found) and error.msg.startswith("Expecting"):  # else it is inside a string
        found = next((match[1] for match in ODD.finditer(line) if match[1]), "")
    if _meant(found):
        return f"{found} (U+{ord(found):04X}, {_name(found)}) stands where JSON has {_meant(found)}"
    return f"{error.msg}, column {error.colno}"


def _name(character: str) -> str:
    return unicodedata.name(character, "no name").lower()


def _meant(found: str) -> str:
    """Return the character of JSON that ``found`` stands for, or ``""``."""
    plain = unicodedata.normalize("NFKC", found)
    return MEANT.get(found, "") or (plain if plain != found and plain.isascii() else "")


def no_plain_yaml(text: str) -> str:
    """Return what is wrong with a YAML text in which another character looks like a space or colon, or ``""``."""
    match = ODD_YAML.search(text)
    if match is None:
        return ""
    found, line = match[1] or match[2] or match[3], text.count("\n", 0, match.end()) + 1
    return f"line {line}: U+{ord(found):04X} ({_name(found)}) stands where YAML has {MEANT.get(found, 'a space')}"


def json_bytes(record: Any) -> bytes:
    """Return ``record`` as indented JSON in UTF-8. Bytes of no encoding, as in names of files, are escaped."""
    return f"{json.dumps(record, ensure_ascii=False, indent=2)}\n".encode("utf-8", "backslashreplace")


def json_line(record: Any) -> bytes:
    """Return ``record`` as a line of JSON in UTF-8.

    A number that JSON lacks (NaN, infinite) becomes ``null``, a value that it lacks (a date, bytes) its text.
    """
    try:
        text = json.dumps(record, ensure_ascii=False, allow_nan=False, default=_as_text)
    except ValueError:
        text = json.dumps(_finite(record), ensure_ascii=False, default=_as_text)
    return f"{text}\n".encode()


def _as_text(value: Any) -> str:
    return value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else str(value)


def _finite(value: Any) -> Any:
    """Return a value with ``None`` for numbers that are NaN or infinite."""
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def with_repeats(pairs: list[tuple[Any, Any]]) -> dict[Any, Any]:
    """Return an object of a JSON text (``object_pairs_hook``), a `Repeating` one where a key is given twice."""
    made = dict(pairs)
    if len(made) == len(pairs):
        return made
    repeating = Repeating(made)
    repeating.twice = tuple(sorted(str(key) for key, count in Counter(key for key, _ in pairs).items() if count > 1))
    return repeating


def repeated_in(value: Any) -> tuple[str, ...]:
    """Return the keys that are given twice anywhere in a value read with `with_repeats`."""
    if isinstance(value, dict):
        own = value.twice if isinstance(value, Repeating) else ()
        return own or next((found for item in value.values() if (found := repeated_in(item))), ())
    if isinstance(value, list):
        return next((found for item in value if (found := repeated_in(item))), ())
    return ()
