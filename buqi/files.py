"""Files: the cache folder, text in any encoding, and writing that never leaves half of anything."""

from __future__ import annotations

import gzip
import hashlib
import os
import shutil
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from buqi.errors import UsageError


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
