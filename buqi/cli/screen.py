"""What all commands print with: results go to standard output, progress and errors to standard error."""

from __future__ import annotations

import json
import logging
import os
import sys
import threading
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
    """Open the null device for standard streams that are closed. Otherwise the next file gets their numbers."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            number = os.open(os.devnull, os.O_RDWR)  # the lowest that is free
            os.set_inheritable(number, True)
            setattr(sys, name, os.fdopen(number, mode, encoding="utf-8", errors="backslashreplace"))


open_streams()
out = Console(highlight=False, soft_wrap=True)
errors = Console(stderr=True, highlight=False, soft_wrap=not sys.stderr.isatty())  # lines in a file are not wrapped
LINE_SECONDS = 10.0  # between two lines of progress in a file


def show_warnings() -> None:
    """Show every warning as one line on standard error, except those of libraries (`buqi.quiet`)."""

    def show(message: Warning | str, *_: Any, **__: Any) -> None:
        text = " ".join(str(message).split())
        errors.print(f"[yellow]warning:[/] {escape(text)}", soft_wrap=True)

    warnings.showwarning = show
    ignore_warnings()
    logging.getLogger("fastexcel").setLevel(logging.ERROR)  # it warns about every empty column


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
    """Print the file or folder that was written, and a line about it."""
    out.print(f"[bold]{escape(str(path))}[/]  {what}")


@contextmanager
def working(text: str) -> Iterator[Callable[[str], None]]:
    """Show a spinner while the block runs, with ``text`` and what the yielded function was called with."""
    with errors.status(text) as status, _lasting() as show:
        show(text)

        def say(more: str) -> None:
            status.update(f"{text}: {more}")
            show(f"{text}: {more}")

        yield say


@contextmanager
def _lasting() -> Iterator[Callable[[str], None]]:
    """Yield a function whose text becomes a line once it has been the latest for a while; nothing on a terminal.

    Lines are `LINE_SECONDS` apart. A step that takes long is so told although it says nothing more.
    """
    said = time.monotonic()
    timer: threading.Timer | None = None

    def tell(text: str) -> None:
        nonlocal said
        said = time.monotonic()
        errors.print(text, markup=False)

    def show(text: str) -> None:
        nonlocal timer
        if errors.is_terminal:
            return
        if timer is not None:
            timer.cancel()
        left = said + LINE_SECONDS - time.monotonic()
        if left <= 0:
            tell(text)
            return
        timer = threading.Timer(left, tell, [text])
        timer.daemon = True
        timer.start()

    try:
        yield show
    finally:
        if timer is not None:
            timer.cancel()


def throttled() -> Callable[[str], None]:
    """Return a function that prints a line every `LINE_SECONDS` at most, and nothing on a terminal, which has bars."""
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
        """Move the bar ``name`` on by ``more``; it ends at ``of``, or at the number that `counting` was given."""


def progress_bars(*columns: progress.ProgressColumn) -> progress.Progress:
    """Return bars of ``columns`` with the time taken and the time left; they are shown on a terminal only."""
    times = (progress.TimeElapsedColumn(), progress.TextColumn("left"), progress.TimeRemainingColumn())
    return progress.Progress(*columns, *times, console=errors, transient=True, disable=not errors.is_terminal)


@contextmanager
def counting(total: int) -> Iterator[Advance]:
    """Show a bar for each name; each ends at ``total`` unless the yielded function is told another number."""
    columns = (progress.TextColumn("{task.description}"), progress.BarColumn(), progress.MofNCompleteColumn())
    bars: dict[str, Any] = {}
    done: Counter[str] = Counter()
    show = throttled()
    with progress_bars(*columns) as display:

        def advance(name: str, more: int, of: int | None = None) -> None:
            if name not in bars:
                bars[name] = display.add_task(name, total=of or total)
            display.update(bars[name], advance=more)
            done[name] += more
            show(f"{name}: {done[name]:,} of {of or total:,}")

        yield advance
