"""The form behind "more": a field for every key of the configuration, made from the keys and their sentences."""

from __future__ import annotations

import json
import types
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, Union, get_args, get_origin

from buqi.config import Config, make_config
from buqi.errors import UsageError

ELSEWHERE = ("model_name_or_path", "dataset_name_or_path", "output_dir")  # the page asks for these by itself


@dataclass(frozen=True)
class Field:
    """A key: how it is asked for (``flag``, ``choice``, ``whole``, ``number``, ``text``), and what it means."""

    key: str
    kind: str
    choices: tuple[str, ...]
    default: Any
    sentence: str


@dataclass(frozen=True)
class FormState:
    """What the page put into the form last.

    Attributes:
        values: one for each of `fields`.
        fits: rows, base and preset that the values are made for; empty before any were looked at.
        from_file: whether the values are those of a configuration file, which no preset changes by itself.
    """

    values: list[Any]
    fits: tuple[Any, ...] = ()
    from_file: bool = False


def fields() -> list[Field]:
    """Return a field for every key that the page does not ask for elsewhere, in the order of the list of keys."""
    found = []
    for key, about in Config.model_fields.items():
        if key not in ELSEWHERE:
            kind, choices = _kind(about.annotation)
            sentence = " ".join((about.description or "").split())
            found.append(Field(key, kind, choices, shown(about.default), sentence))
    return found


def _kind(annotation: Any) -> tuple[str, tuple[str, ...]]:
    parts, optional = [annotation], False
    if get_origin(annotation) in (Union, types.UnionType):
        parts = [part for part in get_args(annotation) if part is not type(None)]
        optional = len(parts) < len(get_args(annotation))
    if len(parts) == 1 and get_origin(parts[0]) is Literal:
        return "choice", (("",) if optional else ()) + tuple(map(str, get_args(parts[0])))
    return {bool: "flag", int: "whole", float: "number"}.get(parts[0], "text"), ()


def shown(value: Any) -> Any:
    """Return a value as its field shows it: lists of words by commas, other lists and objects as JSON."""
    if isinstance(value, (bool, int, float, str)):
        return value
    if not value:
        return None
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    words = [part.model_dump(mode="json") if hasattr(part, "model_dump") else part for part in value]
    return ",".join(words) if all(isinstance(w, str) for w in words) else json.dumps(words, ensure_ascii=False)


def form_of(values: dict[str, Any]) -> list[Any]:
    """Return what the fields show for a configuration's values; what is not among them has its default."""
    return [shown(values[f.key]) if f.key in values else f.default for f in fields()]


def merged(new: Sequence[Any], old: Sequence[Any], now: Sequence[Any]) -> list[Any]:
    """Return the ``new`` values of a form, but those of ``now`` that were edited since it had the ``old`` ones."""
    return [n if _same(v, o) else v for n, o, v in zip(new, old, now, strict=True)]


def _same(one: Any, other: Any) -> bool:
    """Whether two values of a field are the same; an empty one is ``None`` or an empty text."""
    return bool(one == other) or (one in (None, "") and other in (None, ""))


def config_of(form: Sequence[Any], asked: dict[str, Any]) -> Config:
    """Return the configuration that the fields say.

    Args:
        form: the value of each of `fields`.
        asked: the keys that the page asks for by itself.

    Raises:
        UsageError: a value is wrong, or values contradict each other; all of them are in the one message.
    """
    values = dict(asked)
    for field, value in zip(fields(), form, strict=True):
        if value is None or (isinstance(value, str) and not value.strip() and field.default is None):
            continue
        values[field.key] = _read(field, value)
    return make_config(values, "configuration")


def _read(field: Field, value: Any) -> Any:
    if field.kind == "whole" and isinstance(value, float):
        return int(value) if value.is_integer() else value
    if field.kind == "text" and isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        try:
            return json.loads(value)
        except ValueError as error:
            raise UsageError(f"{field.key}: not JSON ({error}): {value[:60]}") from error
    return value


def written(config: Config) -> dict[str, Any]:
    """Return a configuration as it stands in a file: what differs from the defaults."""
    return config.model_dump(mode="json", exclude_defaults=True)
