"""A disk without room: how it is recognised, and how a request is answered then."""

from __future__ import annotations

import errno
import shutil
import sqlite3
from pathlib import Path

from buqi.serve.problems import Problem

LEAST_ROOM = 1_000_000  # bytes free below which no job can go on
FULL = "no room on the disk"
SQLITE_FULL = "database or disk is full"  # what SQLite says


def no_room(error: BaseException | None) -> bool:
    """Whether an error, or what caused it, was a full disk."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            return True
        if isinstance(error, sqlite3.OperationalError) and SQLITE_FULL in str(error):
            return True
        error = error.__cause__ or error.__context__
    return False


def lacks_room(folder: Path) -> bool:
    """Whether the disk of a folder has no room for a job."""
    return shutil.disk_usage(folder).free < LEAST_ROOM


def full_disk() -> Problem:
    """Return the answer to a request that needed room."""
    return Problem(507, f"{FULL}; send it again later", "no_room", retry_after=60)
