"""What all commands show things with: results on standard output, progress and errors on standard error."""

from __future__ import annotations

import json
import logging
import os
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from rich import progress
from rich.console import Console
from rich.markup import escape

from buqi.quiet import ignore_warnings


def open_streams() -> None:
    """Lead standard streams that are closed to nowhere: else the next file takes their numbers."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            number = os.open(os.devnull, os.O_RDWR)  # the lowest that is free
            os.set_inheritable(number, True)
            setattr(sys, name, os.fdopen(number, mode, encoding="utf-8", errors="backslashreplace"))


open_streams()
out = Console(highlight=False, soft_wrap=True)
errors = Console(stderr=True, highlight=False, soft_wrap=not sys.stderr.isatty())  # in a file a line is a line
LINE_SECONDS = 10.0  # between two lines of progress in a file


def show_warnings() -> None:
    """Show every warning as one line on standard error, but for those of libraries (`buqi.quiet`)."""

    def show(message: Warning | str, *_: Any, **__: Any) -> None:
        text = " ".join(str(message).split())
        errors.print(f"[yellow]warning:[/] {escape(text)}", soft_wrap=True)

    warnings.showwarning = show
    ignore_warnings()
    logging.getLogger("fastexcel").setLevel(logging.ERROR)  # it tells of every empty column


def print_json(value: Any) -> None:
    """Print ``value`` as JSON that a program may read: no colours, no wrapping."""
    print(json.dumps(value, ensure_ascii=False, indent=2))


def print_result(record: Any, lines: Iterable[str], as_json: bool, markup: bool = False) -> None:
    """Print ``record`` as JSON if that is asked for, else ``lines``."""
    if as_json:
        print_json(record)
        return
    for line in lines:
        out.print(line, markup=markup)


def print_written(path: Path | str, what: str) -> None:
    """Print what was written: the file or folder, and what is to be known of it."""
    out.print(f"[bold]{escape(str(path))}[/]  {what}")


@contextmanager
def working(text: str) -> Iterator[Callable[[str], None]]:
    """Show a spinner with ``text`` (and what the yielded function is told) while the block runs."""
    show = seldom()
    with errors.status(text) as status:

        def say(more: str) -> None:
            status.update(f"{text}: {more}")
            show(f"{text}: {more}")

        yield say


def seldom() -> Callable[[str], None]:
    """Return what prints a line every `LINE_SECONDS` at most, where standard error shows no bars: a file or a pipe."""
    said = time.monotonic()

    def show(text: str) -> None:
        nonlocal said
        if not errors.is_terminal and time.monotonic() - said >= LINE_SECONDS:
            said = time.monotonic()
            errors.print(text, markup=False)

    return show


class Advance(Protocol):
    """Moves a bar on."""

    def __call__(self, name: str, more: int, of: int | None = None) -> None:
        """Say that ``more`` are done of what the bar ``name`` shows; ``of`` how many, if not all bars' number."""


def progress_bars(*columns: progress.ProgressColumn) -> progress.Progress:
    """Return bars of ``columns``, with the time taken and the time left; none where standard error shows no bars."""
    times = (progress.TimeElapsedColumn(), progress.TextColumn("left"), progress.TimeRemainingColumn())
    return progress.Progress(*columns, *times, console=errors, transient=True, disable=not errors.is_terminal)


@contextmanager
def counting(total: int) -> Iterator[Advance]:
    """Show one bar per name, each of ``total`` if nothing else is said."""
    columns = (progress.TextColumn("{task.description}"), progress.BarColumn(), progress.MofNCompleteColumn())
    bars: dict[str, Any] = {}
    done: Counter[str] = Counter()
    show = seldom()
    with progress_bars(*columns) as shown:

        def advance(name: str, more: int, of: int | None = None) -> None:
            if name not in bars:
                bars[name] = shown.add_task(name, total=of or total)
            shown.update(bars[name], advance=more)
            done[name] += more
            show(f"{name}: {done[name]:,} of {of or total:,}")

        yield advance
