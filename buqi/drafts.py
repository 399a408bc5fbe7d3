"""Drafts: files and folders that are being written. A draft is named by its process and replaces its target at the end.

A killed process leaves its drafts. The next process that writes beside them removes those whose owner is dead.
"""

from __future__ import annotations

import ctypes
import os
import re
import secrets
import shutil
import sys
from contextlib import suppress
from pathlib import Path

from buqi.owner import TAG, owner_in, this_process

DRAFT, REPLACED = ".part", ".old"
NAME = re.compile(rf"\.(?P<target>.+)\.(?P<tag>{TAG.pattern})\.[0-9a-f]{{6}}(?P<kind>{DRAFT}|{REPLACED})", re.DOTALL)
AT_CWD, EXCHANGE, SWAP = -100, 2, 2  # AT_FDCWD, RENAME_EXCHANGE (renameat2(2)), RENAME_SWAP (renamex_np(2))
LONGEST = 190  # bytes of the target's name in the draft's name; the whole name may have 255
_swept: set[Path] = set()


def draft_name(target: Path, kind: str = DRAFT) -> Path:
    """Return the path of a draft beside ``target``. Its name is short enough, and UTF-8, as native writers want."""
    shown = os.fsencode(target.name)[:LONGEST].decode("utf-8", "ignore") or "x"
    return target.with_name(f".{shown}.{this_process().tag}.{secrets.token_hex(3)}{kind}")


def sweep(folder: Path, again: bool = True) -> list[Path]:
    """Remove the drafts of dead processes in ``folder``, and return them.

    Where the file system cannot swap names, the old target was set aside; it gets its name back if nothing replaced it.

    Args:
        folder: folders in it are not searched.
        again: search it even if this process has done so before.
    """
    if not again and folder in _swept:
        return []
    _swept.add(folder)
    found = []
    with os.scandir(folder) as entries:
        names = [entry.name for entry in entries if entry.name.endswith((DRAFT, REPLACED))]
    for name in names:
        match = NAME.fullmatch(name)
        if match is None or not owner_in(match["tag"]).dead:
            continue
        path, target = folder / name, folder / match["target"]
        with suppress(OSError):  # another user's, in a folder that several write
            if match["kind"] == REPLACED and not os.path.lexists(target):
                path.rename(target)
            else:
                remove(path)
            found.append(path)
    return found


def remove(path: Path) -> None:
    """Remove a file, a link or a folder with all in it, if it is there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def take_place(draft: Path, target: Path) -> None:
    """Move a finished folder to ``target``. What is there stays until that moment and is then removed."""
    if not os.path.lexists(target):
        draft.rename(target)
        return
    if not exchange(draft, target):
        aside = draft_name(target, REPLACED)
        target.rename(aside)
        try:
            draft.rename(target)
        except BaseException:
            aside.rename(target)
            raise
        draft = aside
    remove(draft)


def exchange(one: Path, other: Path) -> bool:
    """Swap two names in one move. Return false if the system or the file system cannot (it can on Linux and macOS)."""
    first, second = os.fsencode(one), os.fsencode(other)
    try:
        libc = ctypes.CDLL(None, use_errno=True)
        if sys.platform == "darwin":
            return bool(libc.renamex_np(first, second, SWAP) == 0)
        return bool(libc.renameat2(AT_CWD, first, AT_CWD, second, EXCHANGE) == 0)
    except (OSError, AttributeError, TypeError):
        return False
