"""Write the page of all commands from the commands themselves.

``python docs/reference/make_cli.py > docs/reference/cli.md``
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from typer.main import get_command

from buqi.cli.main import app

HEAD = """# Command line

Made by `python docs/reference/make_cli.py`; change the help texts in `buqi/cli/`, not this page.

`-` and `_` are the same in names of options. Results go to standard output, progress and errors to standard error. Exit
code 0: done; 1: failed; 2: wrong usage. An error is one message: what, where, what to do. `-h` shows all options.

| variable | meaning |
|---|---|
| `BUQI_CACHE` | folder of weights and other files that can be fetched or made again; without it `~/.cache/buqi` |
| `BUQI_PLACES` | folder of the memory; without it `~/.local/share/buqi/places` |
| `BUQI_ENDPOINT_KEY` | key that `buqi evaluate` sends to an endpoint |
| `BUQI_DEBUG` | `1` shows the traceback of a defect |
"""
TRAIN = "Any key of the [configuration](config.md) is an option too: `--learning_rate 1e-3`."


def commands(command: Any, path: str = "buqi") -> Iterator[tuple[str, Any]]:
    """Yield (name with its groups, click command) of every command below ``command``."""
    if not hasattr(command, "commands"):
        yield path, command
        return
    for name, below in command.commands.items():
        yield from commands(below, f"{path} {name}")


def section(name: str, command: Any) -> str:
    """Return heading, sentence, arguments and options of one command."""
    arguments = [p for p in command.params if not p.opts[0].startswith("-")]
    options = [p for p in command.params if p.opts[0].startswith("-") and "--help" not in p.opts]
    lines = [f"## {name}", "", " ".join((command.help or "").split()), ""]
    if name == "buqi train":
        lines += [TRAIN, ""]
    lines += [_line(p) for p in (*arguments, *options)]
    return "\n".join(lines) + "\n"


def _name(parameter: Any) -> str:
    name = parameter.opts[0]
    if name.startswith("-"):
        return f"`--{name[2:].replace('-', '_')}`"
    return f"`{parameter.name.upper()}`" + (", one or more" if parameter.nargs == -1 else "")


def _line(parameter: Any) -> str:
    default = _default(parameter)
    help_text = _help(parameter)
    return f"- {_name(parameter)}{f' ({default})' if default else ''}{f': {help_text}' if help_text else ''}"


def _default(parameter: Any) -> str:
    if parameter.required:
        return "needed"
    if getattr(parameter, "is_flag", False) or parameter.default in (None, "", ()):
        return ""
    return f"`{parameter.default}`"


def _help(parameter: Any) -> str:
    return " ".join((getattr(parameter, "help", "") or "").split())


def page() -> str:
    """Return the whole page."""
    return "\n".join([HEAD, *(section(name, command) for name, command in commands(get_command(app)))])


if __name__ == "__main__":
    print(page(), end="")
