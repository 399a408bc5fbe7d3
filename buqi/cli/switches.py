"""Switches: options without a value. Help shows no type for them, and a value behind one is refused."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from typer.core import TyperCommand, TyperGroup

from buqi.errors import UsageError

VALUES = ("true", "false")


class _Switches:
    """Hides the type of switches in help, and refuses values behind them."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Return the parameters; help shows no type for switches."""
        found: list[Any] = super().get_params(ctx)  # type: ignore[misc]
        for parameter in found:
            if getattr(parameter, "is_flag", False):
                parameter.metavar = ""
        return found

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the arguments; a `UsageError` if ``true`` or ``false`` stands behind a switch."""
        known = {
            name.replace("_", "-") for p in self.get_params(ctx) if getattr(p, "is_flag", False) for name in p.opts
        }
        for word, value in pairwise(args):
            if word.replace("_", "-") in known and value.lower() in VALUES:
                raise UsageError(f"{word} {value}: {word} takes no value; name it to switch it on, else leave it out")
        rest: list[str] = super().parse_args(ctx, args)  # type: ignore[misc]
        return rest


class Command(_Switches, TyperCommand):
    """A command that checks its switches."""


class Group(_Switches, TyperGroup):
    """A group of commands that checks its switches."""
