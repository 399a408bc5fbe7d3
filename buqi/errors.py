"""The two errors a user can cause; the command line turns them into one message and an exit code."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

MOST_NAMES = 40  # that one message names
LONGEST_NAME = 60  # characters


class BuqiError(Exception):
    """The job could not be done (exit code 1). The message says what, where, and what to do."""

    exit_code = 1


class UsageError(BuqiError):
    """The command, configuration or input is wrong (exit code 2)."""

    exit_code = 2


def listed(names: Iterable[object]) -> str:
    """Return names for a message: the first `MOST_NAMES`, each cut after `LONGEST_NAME` characters."""
    found = [str(name) for name in names]
    shown = [name if len(name) <= LONGEST_NAME else f"{name[:LONGEST_NAME]}…" for name in found[:MOST_NAMES]]
    return ", ".join([*shown, *([f"… and {len(found) - MOST_NAMES:,} more"] if len(found) > MOST_NAMES else [])])


def counted(number: int | float, noun: str) -> str:
    """Return a number with its noun: ``1 row``, ``1,234 rows``, ``0.5 epochs``, ``2 counties``."""
    shown = f"{number:g}" if isinstance(number, float) else f"{number:,}"
    if number == 1:
        return f"{shown} {noun}"
    if noun.endswith("y") and noun[-2] not in "aeiou":
        return f"{shown} {noun[:-1]}ies"
    return f"{shown} {noun}{'es' if noun.endswith('s') else 's'}"


@contextmanager
def explained(
    message: str, *kinds: type[Exception], error: type[BuqiError] = BuqiError, advice: str = ""
) -> Iterator[None]:
    """Raise ``error`` in place of exceptions of these ``kinds``: message, the exception's own text, advice."""
    try:
        yield
    except kinds as cause:
        lines = [line.strip() for line in str(cause).splitlines() if line.strip()] or [type(cause).__name__]
        said = " ".join(lines[:2]) if lines[0].endswith(":") else lines[0]  # torch tells the cause in the second line
        reason = getattr(cause, "strerror", None) or said
        raise error(f"{message} ({reason[:200]}){advice and f'; {advice}'}") from cause


@contextmanager
def in_python() -> Iterator[None]:
    """Name options in messages as Python does: ``column``, not ``--column``."""
    try:
        yield
    except BuqiError as error:
        raise type(error)(in_fields(error)) from error


def in_fields(error: BuqiError) -> str:
    """Return a message that names options as fields: ``column``, not ``--column``."""
    return re.sub(r"--(?=[a-z])", "", str(error))
