"""Files: the cache folder, text in any encoding, and writing that never leaves half of anything."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import shutil
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from buqi.drafts import draft_name, remove, sweep, take_place
from buqi.encoding import encoding_of
from buqi.errors import BuqiError, UsageError, explained


def cache_dir() -> Path:
    """Return the cache folder: ``$BUQI_CACHE`` or ``~/.cache/buqi``. It is created when missing."""
    folder = Path(os.environ.get("BUQI_CACHE") or Path.home() / ".cache" / "buqi")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def private(path: Path) -> None:
    """Make an empty file that only its owner can read (0600), in a folder that only its owner can enter (0700).

    What is there already gets these modes.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.parent.chmod(0o700)
    path.touch(mode=0o600)
    path.chmod(0o600)


@contextmanager
def whole_folder(target: Path) -> Iterator[Path]:
    """Yield an empty folder that becomes ``target``, sealed, only when the block ends without an error.

    Readers see the old folder, or none, or the whole new one: never half of it, and never none where there was one.
    """
    from buqi.seal import seal  # loads pydantic

    target = Path(os.path.realpath(target))  # a link stays a link
    with draft_folder(target) as draft:
        yield draft
        seal(draft)
        take_place(draft, target)


@contextmanager
def draft_folder(target: Path) -> Iterator[Path]:
    """Yield an empty folder beside ``target``, which is removed at the end. Those of dead processes are removed."""
    target.parent.mkdir(parents=True, exist_ok=True)
    sweep(target.parent)
    draft = draft_name(target)
    draft.mkdir(mode=0o755)
    try:
        yield draft
    finally:
        remove(draft)


@contextmanager
def whole_files(folder: Path) -> Iterator[Path]:
    """Yield an empty folder whose files become those of ``folder`` when the block ends without an error.

    A folder that is new or empty gets all of them in one move. Into another they are moved one after the other, with
    nothing to compute between; a seal is moved last, so it tells where a move was cut off.
    """
    folder = Path(os.path.realpath(folder))
    used = folder.is_dir() and (any(folder.iterdir()) or not os.access(folder.parent, os.W_OK))
    with draft_folder(folder / "files" if used else folder) as draft:
        yield draft
        if not used:
            take_place(draft, folder)
            return
        for path in sorted(draft.iterdir(), key=lambda path: (path.name == "seal.json", path.name)):
            path.replace(folder / path.name)


@contextmanager
def whole_file(target: Path) -> Iterator[Path]:
    """Yield a path beside ``target`` that replaces it only when the block ends without an error."""
    target = Path(os.path.realpath(target))  # a link stays a link
    target.parent.mkdir(parents=True, exist_ok=True)
    sweep(target.parent, again=False)  # a job writes thousands of files into one folder
    draft = draft_name(target)
    try:
        yield draft
        draft.replace(target)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def check_free(target: Path, overwrite: bool, option: str) -> None:
    """Refuse a target that exists, unless it is an empty folder or may be replaced.

    Raises:
        UsageError: it exists; ``option`` is how the user names another.
    """
    there = any(target.iterdir()) if target.is_dir() else target.exists()
    if there and not overwrite:
        raise UsageError(f"{target} exists; name another {option}, or add --overwrite")


def check_room(folder: Path, need: float, what: str) -> None:
    """Raise `BuqiError` where the disk of ``folder`` has less than ``need`` bytes free."""
    free = shutil.disk_usage(folder).free
    if free < need:
        raise BuqiError(f"{folder}: {free / 1e9:.1f} GB free, {what} needs {need / 1e9:.1f} GB")


def write_json(path: Path, record: Any) -> None:
    """Write ``record`` as indented JSON; the file appears whole or not at all."""
    with whole_file(path) as draft:
        draft.write_text(json.dumps(record, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def read_json(path: Path) -> dict[str, Any]:
    """Return a JSON object; `BuqiError` where the file is broken or holds something else."""
    with explained(f"{path}: broken", ValueError, RecursionError):  # no JSON, or no UTF-8, or nested too deep
        record = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(record, dict):
        raise BuqiError(f"{path}: expected an object, found {type(record).__name__}")
    return record


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file as hex digits."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def read_text(path: Path) -> str:
    """Return a file's text: UTF-8 or UTF-16 (with or without mark), or GB18030 (GBK, GB2312); also out of a gzip file.

    Raises:
        UsageError: missing, a folder, or in none of these encodings.
    """
    try:
        data = path.read_bytes()
        if data[:2] == b"\x1f\x8b":
            data = gzip.decompress(data)
    except FileNotFoundError as error:
        raise UsageError(f"{path}: no such file") from error
    except (OSError, EOFError, zlib.error) as error:
        raise UsageError(f"{path}: cannot be read ({getattr(error, 'strerror', None) or error})") from error
    try:
        return data.decode(encoding_of(data, str(path))).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: neither UTF-8 nor GBK (GB18030) text; save it as UTF-8") from error
