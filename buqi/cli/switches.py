"""Options as help shows them: one spelling, with ``_``. Switches have no type, and a value behind one is refused."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from typer.core import TyperCommand, TyperGroup

from buqi.errors import UsageError

VALUES = ("true", "false")


def _shown(name: str) -> str:
    """Return an option's name with ``_`` between its words."""
    return f"--{name[2:].replace('-', '_')}" if name.startswith("--") else name


class _Switches:
    """Hides the type of switches in help, and refuses values behind them."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Return the parameters; help shows names with ``_`` as the documents do, and no type for switches."""
        found: list[Any] = super().get_params(ctx)  # type: ignore[misc]
        for parameter in found:
            if getattr(parameter, "is_flag", False):
                parameter.metavar = ""
            if ctx.token_normalize_func is not None and parameter.param_type_name == "option":
                parameter.opts = [_shown(name) for name in parameter.opts]
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
    """A group of commands that checks its switches. Names of commands have ``-``; ``_`` is understood too."""

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return the command of a name, ``None`` if there is none."""
        return super().get_command(ctx, cmd_name) or super().get_command(ctx, cmd_name.replace("_", "-"))
