"""The two errors a user can cause; the command line turns them into one message and an exit code."""

from __future__ import annotations


class BuqiError(Exception):
    """The job could not be done (exit code 1). The message says what, where, and what to do."""

    exit_code = 1


class UsageError(BuqiError):
    """The command, configuration or input is wrong (exit code 2)."""

    exit_code = 2
