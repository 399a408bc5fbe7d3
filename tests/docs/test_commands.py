"""Every command that a page shows exists, with the options that it is shown with."""

from __future__ import annotations

import importlib.util
import json
import re
import shlex
from functools import lru_cache
from typing import Any

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from buqi.cli.main import app
from tests.docs.pages import ROOT, commands, name, pages


@lru_cache(maxsize=1)
def keys() -> set[str]:
    """Keys of the configuration, which `buqi train` takes as options."""
    shown = CliRunner().invoke(app, ["train", "--schema"])
    return set(json.loads(shown.stdout)["properties"]) | {"eval_strategy"}


@lru_cache(maxsize=1)
def buqi() -> Any:
    """The command line with all its commands (0.1 s to make)."""
    return get_command(app)


def problem(words: list[str]) -> str:
    """What is wrong with a command line that begins with ``buqi``; nothing if it is right."""
    command, rest = buqi(), words[1:]
    while hasattr(command, "commands"):
        if not rest:
            return ""
        if rest[0] not in command.commands:
            return "" if rest[0] in ("-h", "--help") else f"no command {rest[0]}"
        command, rest = command.commands[rest[0]], rest[1:]
    known = {option.replace("-", "_") for parameter in command.params for option in parameter.opts}
    if command.name == "train":
        known |= {f"__{key}" for key in keys()}
    options = [word.partition("=")[0].replace("-", "_") for word in rest if word.startswith("--")]
    return ", ".join(option for option in options if option not in known)


def exists(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def wrong(line: str) -> str:
    words = shlex.split(line, comments=True)
    if words[:1] == ["buqi"]:
        return problem(words)
    if words[:1] == ["torchrun"]:
        return problem(words[words.index("buqi") :])
    if words[:1] == ["make"]:
        targets = re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
        return "" if words[1] in targets else f"no target {words[1]}"
    if words[:2] == ["python", "-m"]:
        return "" if exists(words[2]) else f"no module {words[2]}"
    if words[:1] == ["python"] and len(words) > 1:
        return "" if (ROOT / words[1]).is_file() else f"no file {words[1]}"
    return ""


@pytest.mark.parametrize("path", pages(), ids=name)
def test_commands_exist(path):
    assert {line: why for line in commands(path) if (why := wrong(line))} == {}


def test_what_is_wrong_is_found():
    assert wrong("buqi complete TEXT --resume --overwrite") == ""
    assert wrong("buqi complete TEXT --no_such_option 3") == "__no_such_option"
    assert wrong("buqi compleat TEXT") == "no command compleat"
    assert wrong("buqi train C.json --learning-rate 1e-3 --resume") == ""
    assert wrong("buqi train C.json --learnin_rate 1e-3") == "__learnin_rate"
    assert wrong("make tea") == "no target tea"
    assert wrong("python -m buqi.nothing") == "no module buqi.nothing"


def test_enough_commands_are_read():
    shown = {line.split()[1] for path in pages() for line in commands(path) if line.startswith("buqi ")}
    assert sorted(set(buqi().commands) - shown) == []
