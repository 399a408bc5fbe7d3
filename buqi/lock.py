"""Locks: files that name the process which holds them. The lock of a dead process is taken over."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from buqi.errors import BuqiError
from buqi.owner import Owner, host_hash, this_process

LOCK = ".lock"  # in a folder


class HeldError(BuqiError):
    """Another process, or this one, holds the lock."""


@contextmanager
def locked(path: Path, what: str) -> Iterator[None]:
    """Hold the lock ``path`` while the block runs. Its folder is created, and removed again if it stays empty.

    Args:
        what: the work that is done meanwhile, such as ``training into it``; a second process is told.

    Raises:
        HeldError: another process holds it, here or on another host.
        BuqiError: it cannot be written.
    """
    made = not path.parent.exists()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _take(path, what)
    except OSError as error:
        _remove(path.parent, made)
        raise BuqiError(f"{path}: cannot be written ({error.strerror})") from error
    try:
        yield
    finally:
        with suppress(OSError), _guarded(path) as file:
            if _owner(_read(file)) == this_process():
                path.unlink()
        _remove(path.parent, made)


def claimed(target: Path) -> AbstractContextManager[None]:
    """Hold the right to write ``target`` while the block runs; see `locked`. Check inside the block what exists there.

    The lock lies beside ``target``; if that is a link, beside the file that it leads to. It lies in a folder that is
    there if nothing can be written beside it.
    """
    real = Path(os.path.realpath(target))
    inside = real.is_dir() and not os.access(real.parent, os.W_OK)
    return locked(real / LOCK if inside else real.with_name(f".{real.name}{LOCK}"), f"writing {real.name}")


def hold(folder: Path) -> Callable[[], None]:
    """Hold a folder until this process ends; return a function that releases it earlier.

    This is the system's own lock. It needs no file and ends with the process, also in another container.

    Raises:
        HeldError: another process, or this one, holds it.
    """
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(descriptor)
        raise HeldError(f"{folder}: another process uses it") from error
    except (ImportError, OSError):  # Windows, or a file system without such locks
        pass
    return lambda: os.close(descriptor)


def holder(path: Path) -> Owner | None:
    """Return the process that holds the lock ``path``; ``None`` if none does, or the holder is dead."""
    try:
        with path.open(encoding="utf-8") as file:
            owner = _owner(_read(file))
    except OSError:
        return None
    return None if owner is None or owner.dead else owner


def _remove(folder: Path, made: bool) -> None:
    """Remove a folder that was made for its lock, if it is empty."""
    if made:
        with suppress(OSError):
            folder.rmdir()


def _take(path: Path, what: str) -> None:
    with _guarded(path) as file:
        record = _read(file)
        holder = _owner(record)
        if holder is not None and not holder.dead:
            raise HeldError(_held_message(path, holder, record))
        me = this_process()
        now = datetime.now(UTC).isoformat(timespec="seconds")
        mine = {"pid": me.pid, "start": me.start, "host": platform.node(), "since": now, "what": what}
        file.seek(0)
        file.truncate()
        try:
            text = json.dumps(mine, ensure_ascii=False)
            file.write(text.encode("utf-8", "backslashreplace").decode() + "\n")  # a file's name may be no text
            file.flush()
        except OSError:  # a full disk
            path.unlink()
            raise


def _held_message(path: Path, holder: Owner, record: dict[str, Any]) -> str:
    since, what = record.get("since"), record.get("what")
    if holder == this_process():
        return f"{path.parent}: this process is busy there already ({what}); wait until it is done"
    if holder.here:
        return f"{path.parent}: process {holder.pid} is busy there since {since} ({what}); wait until it is done"
    return (
        f"{path.parent}: process {holder.pid} on host {record.get('host')} is busy there since {since} ({what}); "
        f"wait until it is done, or delete {path} if that host is gone"
    )


@contextmanager
def _guarded(path: Path) -> Iterator[IO[str]]:
    """Yield the open lock file, under the system's own lock, so that no other process reads or writes it meanwhile."""
    while True:
        with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o644), "r+", encoding="utf-8") as file:
            try:
                import fcntl

                fcntl.flock(file, fcntl.LOCK_EX)
            except (ImportError, OSError):  # Windows, or a file system without such locks
                pass
            if _is_current(path, file):  # else its owner has removed it meanwhile
                yield file
                return


def _is_current(path: Path, file: IO[str]) -> bool:
    """Return whether ``path`` still is the open file."""
    try:
        return os.stat(path).st_ino == os.fstat(file.fileno()).st_ino
    except OSError:
        return False


def _read(file: IO[str]) -> dict[str, Any]:
    try:
        record = json.loads(file.read(10_000))
    except (ValueError, RecursionError):  # empty: just created; broken: nobody's
        return {}
    return record if isinstance(record, dict) else {}


def _owner(record: dict[str, Any]) -> Owner | None:
    pid, start, host = record.get("pid"), record.get("start"), record.get("host")
    if not isinstance(pid, int) or not isinstance(start, str) or not isinstance(host, str):
        return None
    return Owner(pid, start, host_hash(host))
