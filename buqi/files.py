"""Files: the cache folder, text in any encoding, and writing that never leaves half of anything."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import shutil
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from buqi.errors import BuqiError, UsageError, explained


def cache_dir() -> Path:
    """Return the cache folder: ``$BUQI_CACHE`` or ``~/.cache/buqi``. It is created when missing."""
    folder = Path(os.environ.get("BUQI_CACHE") or Path.home() / ".cache" / "buqi")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextmanager
def whole_folder(target: Path) -> Iterator[Path]:
    """Yield an empty folder that becomes ``target`` only when the block ends without an error.

    Readers therefore see the old folder, or none, or the whole new one: never half of it.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    draft.chmod(0o755)
    try:
        yield draft
        if target.exists():
            shutil.rmtree(target)
        draft.rename(target)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise


@contextmanager
def whole_file(target: Path) -> Iterator[Path]:
    """Yield a path beside ``target`` that replaces it only when the block ends without an error."""
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{target.name}.{os.getpid()}.part")
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
    with explained(f"{path}: broken", ValueError):  # no JSON, or no UTF-8
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
    """Return a file's text: UTF-8 (with or without mark), UTF-16 with its mark, or GB18030 (GBK, GB2312);
    also out of a gzip file.

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
    encodings = ["utf-16"] if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UsageError(f"{path}: neither UTF-8 nor GBK (GB18030) text; save it as UTF-8")
