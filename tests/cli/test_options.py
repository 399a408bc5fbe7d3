"""An option that several commands have says the same in each."""

from __future__ import annotations

from collections import defaultdict
from typing import Any, get_args

import pytest
from typer.main import get_command

from buqi.cli import options
from buqi.cli.main import app

SHARED = {name: get_args(option)[1] for name, option in vars(options).items() if get_args(option)}


def helps(command: Any, found: dict[str, set[str]]) -> dict[str, set[str]]:
    """Collect the sentences that the commands have for each option."""
    for below in getattr(command, "commands", {}).values():
        helps(below, found)
    for parameter in () if hasattr(command, "commands") else command.params:
        found[parameter.name].add(getattr(parameter, "help", None) or "")
    return found


@pytest.mark.parametrize("name", SHARED)
def test_its_sentence_is_one_that_commands_show(name):
    shown = set().union(*helps(get_command(app), defaultdict(set)).values())
    assert SHARED[name].help.endswith(".") and SHARED[name].help in shown


def test_all_are_read():
    assert {"Json", "Memory", "Threshold", "Overwrite"} <= set(SHARED)
