"""Which process a lock or a draft belongs to, and whether that process still runs."""

from __future__ import annotations

import hashlib
import os
import platform
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from buqi.errors import BuqiError

PROC = Path("/proc")
TAG = re.compile(r"(\d+)-([0-9a-z]+)-([0-9a-f]{8})")  # process id, start, host


@dataclass(frozen=True)
class Owner:
    """A process: its id, its start (a word that no later process with the same id has), and its host's hash."""

    pid: int
    start: str
    host: str

    @property
    def tag(self) -> str:
        """The owner as part of a file's name."""
        return f"{self.pid}-{self.start}-{self.host}"

    @property
    def here(self) -> bool:
        """Whether it is a process of this host."""
        return self.host == host_hash()

    @property
    def dead(self) -> bool:
        """Whether it certainly has ended. Of processes on other hosts nothing is known."""
        return self.here and start_of(self.pid) != self.start


def this_process() -> Owner:
    """Return this process. The result is not cached, because a fork is another process."""
    return Owner(os.getpid(), start_of(os.getpid()) or "0", host_hash())


def owner_in(text: str) -> Owner:
    """Return the owner that a tag names; a `BuqiError` if the text is no tag."""
    match = TAG.fullmatch(text)
    if match is None:
        raise BuqiError(f"{text[:60]!r} names no process")
    return Owner(int(match[1]), match[2], match[3])


@lru_cache(maxsize=8)
def host_hash(name: str | None = None) -> str:
    """Return 8 hex digits that stand for a host's name; this host's if not given."""
    return hashlib.sha256((platform.node() if name is None else name).encode()).hexdigest()[:8]


def start_of(pid: int) -> str | None:
    """Return when a process started, in clock ticks since boot with a part of the boot's id; ``None``: no such process.

    Where there is no /proc, every process that runs has the start ``0``.
    """
    if not (PROC / "self" / "stat").exists():
        return "0" if _runs(pid) else None
    try:
        # proc(5): the name in brackets may hold anything; after it come the fields from the third on.
        fields = (PROC / str(pid) / "stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in "ZX" else f"{fields[19]}{_boot()}"  # a zombie has ended


@lru_cache(maxsize=1)
def _boot() -> str:
    try:
        return "b" + (PROC / "sys/kernel/random/boot_id").read_text().replace("-", "")[:8]
    except OSError:
        return ""


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except (OSError, OverflowError):
        return False
    return True
