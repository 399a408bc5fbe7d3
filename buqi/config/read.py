"""Makes a checked configuration of a file, of ``--key value`` words or of a mapping."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from buqi.config.elsewhere import CALLED, WHAT_TO_DO
from buqi.config.files import parse_json, parse_overrides, parse_yaml
from buqi.config.keys import ALIASES, Config
from buqi.config.paddle import WHY, is_default
from buqi.config.rules import contradictions
from buqi.encoding import half_in
from buqi.errors import UsageError, counted

LONGEST_SHOWN = 200  # characters of a value in a message


def load_config(path: Path | None, overrides: Sequence[str] = ()) -> Config:
    """Return the configuration in ``path``, changed by ``--key value`` pairs.

    Raises:
        UsageError: the file is missing or does not parse, or keys are unknown, wrong or contradictory; all of
            them are in the one message.
    """
    if path is not None and path.suffix == ".toml":
        raise UsageError(f"{path}: TOML is not read; write the keys as JSON or YAML")
    values = {} if path is None else (parse_yaml if path.suffix in (".yaml", ".yml") else parse_json)(path)
    return make_config(values | parse_overrides(overrides), str(path or "command line"))


def make_config(values: Mapping[str, Any], where: str = "configuration") -> Config:
    """Return the configuration made of ``values``.

    Raises:
        UsageError: naming every unknown key (with the nearest valid one), wrong value and contradiction at once.
    """
    given, errors = _known(values)
    wrong: set[str] = set()
    try:
        config = Config(**given)
    except ValidationError as error:
        for item in error.errors():
            key = str(item["loc"][0])
            wrong.add(key)
            errors.append(_describe(key, item))
        filled = {"dataset_name_or_path": ".", "output_dir": "."} | {k: v for k, v in given.items() if k not in wrong}
        config = Config(**filled)
    errors += [text for text in contradictions(config) if not wrong & set(re.findall(r"\w+", text))]
    if errors:
        found = counted(len(errors), "mistake")
        raise UsageError("\n".join([f"{where}: {found}", *(f"  {error}" for error in errors)]))
    return config


def _known(values: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    given: dict[str, Any] = {}
    errors = []
    for key, value in values.items():
        name = ALIASES.get(key, key)
        if name in WHY:
            if not is_default(name, value):
                errors.append(f"{key}: {WHY[name]}")
        elif name not in Config.model_fields:
            errors.append(f"{key if key.isprintable() else ascii(key)}: no such key{_advice(key)}")
        elif name in given and given[name] != value:
            errors.append(f"{key}: given twice ({shown(given[name])} and {shown(value)}, once as {name})")
        elif isinstance(value, str) and (odd := half_in(value) or "\0" * ("\0" in value)):
            errors.append(f"{key}: U+{ord(odd):04X} in it, which is no character of a text; take it out")
        elif value is not None:
            given[name] = value
    return given, errors


def _advice(key: str) -> str:
    if key in WHAT_TO_DO:
        return f"; {WHAT_TO_DO[key]}"
    names = [*Config.model_fields, *ALIASES]
    near = [CALLED[key]] if key in CALLED else difflib.get_close_matches(key, names, n=1, cutoff=0.75)
    return f"; did you mean {near[0]}?" if near else ""


def shown(value: Any) -> str:
    """Return a value for a message, cut where it is long."""
    text = repr(value)
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"


def _describe(key: str, item: Any) -> str:
    if item["type"] == "missing":
        return f"{key}: missing; it has no default"
    expected = (
        item["msg"]
        .replace("Input should be ", "expected ")
        .replace("a valid ", "a ")
        .replace("a integer", "an integer")
        .replace("a dictionary", "names with a number each")
        .replace("String should have at least 1 character", "expected a name")
    )
    return f"{key}: {expected.split(', unable')[0]}, found {shown(item['input'])}"
