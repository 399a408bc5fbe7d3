"""Configuration files: JSON with comments, YAML, and ``--key value`` words."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from buqi.encoding import read_text
from buqi.errors import UsageError, listed
from buqi.json_text import Repeating, at_comma, no_plain_yaml, plain_spaces, said_of, with_repeats

EXPONENT = re.compile(r"[+-]?\d+(?:\.\d*)?[eE][+-]?\d+")  # YAML 1.1 reads 3e-4 as text


def parse_json(path: Path) -> dict[str, Any]:
    """Return a JSON object that may carry comments, as the tutorial prints it.

    Raises:
        UsageError: missing, not JSON, or not an object.
    """
    text = plain_spaces(strip_comments(read_text(path)))
    try:
        values = json.loads(text, object_pairs_hook=lambda pairs: _each_key_once(pairs, path))
    except json.JSONDecodeError as found:
        error = at_comma(found)
        line = text.split("\n")[error.lineno - 1].strip() if text.strip() else "(empty)"
        raise UsageError(f"{path}:{error.lineno}: not JSON ({said_of(error)}): {line[:80]}") from found
    except (ValueError, RecursionError) as error:
        raise _unreadable(path, "JSON", error) from error
    if not isinstance(values, dict):
        raise UsageError(f"{path}: expected a JSON object of keys and values, found {type(values).__name__}")
    return values


def parse_yaml(path: Path) -> dict[str, Any]:
    """Return a YAML mapping of keys and values.

    Raises:
        UsageError: missing, not YAML, not a mapping, or a key given twice.
    """
    import yaml

    class Loader(yaml.SafeLoader):  # type: ignore[misc, unused-ignore]
        pass

    def mapping(loader: Any, node: Any) -> dict[str, Any]:
        if merged := next((key for key, _ in node.value if key.value == "<<"), None):
            line = merged.start_mark.line + 1
            raise UsageError(f"{path}: line {line}: merge keys (<<) are not read; write the keys themselves")
        pairs = [tuple(loader.construct_object(part, deep=True) for part in pair) for pair in node.value]
        return _each_key_once(pairs, path)

    Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, mapping)
    try:
        values = yaml.load(text := read_text(path), Loader)
    except UsageError:
        raise
    except yaml.YAMLError as error:
        raise UsageError(f"{path}: not YAML ({no_plain_yaml(text) or _said_of(error)})") from error
    except Exception as error:  # an impossible date, a tag on a value that does not fit: constructors raise many kinds
        raise _unreadable(path, "YAML", error) from error
    if said := no_plain_yaml(text):
        raise UsageError(f"{path}: {said}")
    if not isinstance(values, dict):
        raise UsageError(f"{path}: expected a mapping of keys and values, found {type(values).__name__}")
    return {str(key): float(v) if isinstance(v, str) and EXPONENT.fullmatch(v) else v for key, v in values.items()}


def _unreadable(path: Path, kind: str, error: Exception) -> UsageError:
    reason = "nested too deep" if isinstance(error, RecursionError) else str(error)[:120]
    return UsageError(f"{path}: not {kind} ({reason})")


def _each_key_once(pairs: list[tuple[Any, Any]], path: Path) -> dict[str, Any]:
    for key, _ in pairs:
        if isinstance(key, (list, dict, set)):  # YAML only
            raise UsageError(f"{path}: a {type(key).__name__} as a key; expected a name")
    found = with_repeats(pairs)
    if isinstance(found, Repeating):
        raise UsageError(f"{path}: {listed(found.twice)} given twice")
    return found


def strip_comments(text: str) -> str:
    """Return ``text`` without ``#``, ``//`` and ``/* */`` outside of strings; lines keep their numbers."""
    string_or_comment = r'("(?:\\.|[^"\\\n])*")|(?:#|//)[^\n]*|/\*[\s\S]*?\*/'
    return re.sub(string_or_comment, lambda match: match[1] or "\n" * match[0].count("\n"), text)


def parse_overrides(words: Sequence[str]) -> dict[str, Any]:
    """Return ``--key value``, ``--key=value`` and bare ``--flag`` as values; lists as JSON or separated by commas.

    Raises:
        UsageError: a word that belongs to no key.
    """
    values: dict[str, Any] = {}
    waiting = list(words)
    while waiting:
        word = waiting.pop(0)
        if not word.startswith("--") or len(word) < 3:
            raise UsageError(f"{word!r}: expected --key value")
        key, equals, value = word[2:].partition("=")
        if not equals:
            value = waiting.pop(0) if waiting and not waiting[0].startswith("--") else "true"
        values[key.replace("-", "_")] = _plain(key, value)
    return values


def _plain(key: str, value: str) -> Any:
    if not value.startswith("["):
        return None if value in ("null", "None") else value
    try:
        return json.loads(value)
    except (ValueError, RecursionError) as error:
        raise UsageError(f'--{key} {value}: expected a JSON list such as ["q_proj", "v_proj"]') from error


def _said_of(error: Any) -> str:
    """Return what is wrong with a YAML text, and where."""
    mark, problem = getattr(error, "problem_mark", None), getattr(error, "problem", None)
    if mark is None or not problem:
        return str(error).splitlines()[0]
    told = problem.replace(r"character '\t' that cannot start any token", "a tab; write spaces")
    return f"line {mark.line + 1}: {told}"
