"""Uploaded files: looked at before anything reads them."""

from __future__ import annotations

import gzip
import re
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path
from typing import IO, Any

from buqi.bulk.text_lines import TextLines
from buqi.encoding import encoding_of, no_text
from buqi.errors import UsageError
from buqi.serve import parquet_size
from buqi.serve.problems import Problem

UPLOAD_SUFFIXES = (".csv", ".tsv", ".jsonl", ".csv.gz", ".tsv.gz", ".jsonl.gz", ".parquet", ".xlsx")
TEXTS = {".csv": "text/csv", ".tsv": "text/tab-separated-values", ".jsonl": "application/jsonl"}
MEDIA_TYPES = TEXTS | {
    ".gz": "application/gzip",
    ".parquet": "application/vnd.apache.parquet",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
PARQUET_SECONDS = 20  # seconds in which a parquet file must be read once
UNPACKED_RATIO = 200  # a file that unpacks to more than this many times its size is a bomb
ODD_CHARACTERS = re.compile(r"[^\w.\- ]")


def upload_kind(name: str) -> str:
    """Return the suffix that a file's name says; a `Problem` if it is of another kind."""
    found = [kind for kind in UPLOAD_SUFFIXES if name.lower().endswith(kind)]
    if not found:
        raise Problem(415, f"expected a file that ends in {', '.join(UPLOAD_SUFFIXES)}", "unsupported_file")
    return max(found, key=len)


def shown_name(name: str) -> str:
    """Return a file's name without folders and odd characters."""
    return ODD_CHARACTERS.sub("_", name.replace("\\", "/").rpartition("/")[2])[-100:] or "file"


async def store_upload(upload: Any, path: Path, most: int) -> None:
    """Write an upload as ``path``; a `Problem` if it has more than ``most`` bytes, or none."""
    written = 0
    path.touch(mode=0o600)
    with path.open("wb") as file:
        while block := await upload.read(1 << 20):
            written += len(block)
            if written > most:
                raise Problem(413, f"a file may have {most} bytes", "too_large")
            file.write(block)
    if not written:
        raise Problem(422, "the file is empty", "empty_file")


def check_upload(path: Path, kind: str, most: int) -> None:
    """Raise a `Problem` if a file's content is not what its name says, or unpacks to more than ``most`` bytes."""
    with path.open("rb") as file:
        head = file.read(4096)
    if kind == ".xlsx":
        _check_zip(path, most)
    elif kind == ".parquet":
        if head[:4] != b"PAR1":
            raise Problem(422, "this is no parquet file", "wrong_content")
        _check_parquet(path, most)
    elif kind.endswith(".gz"):
        _check_gzip(path, most)
    elif no_text(head) or _binary(head):
        raise Problem(422, "this is no text; save the table as CSV, or upload it as xlsx or parquet", "wrong_content")


def _binary(head: bytes) -> bool:
    if b"\x00" not in head:
        return False
    try:
        return not encoding_of(head, "the file").startswith("utf-16")
    except UsageError:
        return True


def media_type(path: Path) -> str:
    """Return what a result is, with its encoding where it is text: that of the file which was uploaded."""
    kind = MEDIA_TYPES[path.suffix]
    if path.suffix not in TEXTS:
        return kind
    encoding = TextLines(path).encoding
    return f"{kind}; charset={'utf-16' if encoding.startswith('utf-16') else encoding}"


def _check_zip(path: Path, most: int) -> None:
    try:
        book = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise Problem(422, "this is no xlsx file", "wrong_content") from error
    with book:
        if "xl/workbook.xml" not in book.namelist():
            raise Problem(422, "this is no xlsx file", "wrong_content")
        entries, total = book.infolist(), 0
        packed = sum(entry.compress_size for entry in entries)
        if len(entries) > 5000 or sum(entry.file_size for entry in entries) > _allowed(packed, most):
            raise _unpacks_to_too_much()
        try:
            for entry in entries:  # what the directory says of the sizes may be false: they are counted too
                with book.open(entry) as file:
                    total += _size(file, most - total)
        except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError) as error:
            raise Problem(422, "this xlsx file is damaged", "wrong_content") from error


def _unpacks_to_too_much() -> Problem:
    return Problem(413, "the file unpacks to more than it may", "zip_bomb")


def _allowed(packed: int, most: int) -> int:
    """Return how many bytes a file of ``packed`` bytes may unpack to."""
    return min(most, UNPACKED_RATIO * packed + 10_000_000)


def _size(file: IO[bytes] | gzip.GzipFile, most: int) -> int:
    """Return how many bytes ``file`` has, a `Problem` if more than ``most``."""
    size = 0
    while block := file.read(1 << 20):
        size += len(block)
        if size > most:
            raise _unpacks_to_too_much()
    return size


def _check_gzip(path: Path, most: int) -> None:
    try:
        with gzip.open(path, "rb") as file:
            _size(file, _allowed(path.stat().st_size, most))
    except (OSError, EOFError, zlib.error) as error:
        raise Problem(422, "this is no gzip file, or it is damaged", "wrong_content") from error


def _check_parquet(path: Path, most: int) -> None:
    """Read a parquet file in a process of its own: whatever is false in it cannot take this one's memory or end it."""
    command = [sys.executable, parquet_size.__file__, str(path), str(most)]
    try:
        status = subprocess.run(command, capture_output=True, timeout=PARQUET_SECONDS, check=False).returncode
    except subprocess.TimeoutExpired:
        status = parquet_size.TOO_LARGE
    if status == parquet_size.TOO_LARGE:
        raise _unpacks_to_too_much()
    if status:
        raise Problem(422, "this parquet file is damaged, or what it holds cannot be read", "wrong_content")
