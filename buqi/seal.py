"""Seals. A seal is a file with the size and SHA-256 of each file in a folder, written last. It shows later changes.

A single file that may lie among others (a ``.gguf``) has its seal beside it: ``model.seal.json`` for ``model.gguf``.

A folder without a seal (made by PEFT, by another tool or by an earlier version) is not checked.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, Field

from buqi.drafts import draft_name
from buqi.errors import BuqiError
from buqi.foreign import parsed

SEAL = "seal.json"
VERSION = 1
BLOCK = 4096  # bytes read at each place
STRIDE = 2 << 20  # bytes from one place to the next; damage of this length is always found
WHOLE = 256 << 10  # bytes; smaller files are read wholly also by the quick check
CHANGED = f"if you changed it on purpose, delete {SEAL} beside it"


class SealedFile(BaseModel):
    """One file in a seal: its size in bytes, its SHA-256, and the SHA-256 of its sampled blocks."""

    size: int = Field(ge=0)
    sha256: str
    sample: str


class Seal(BaseModel):
    """A seal: its version, and its files by name."""

    version: int
    files: dict[str, SealedFile]


def seal(folder: Path, names: Iterable[str] | None = None, file: str = SEAL) -> None:
    """Write ``seal.json`` for the files of ``folder`` (those in folders in it too), after all of them.

    Args:
        folder: the folder; its files are written to the disk first.
        names: only these files; else all whose names do not begin with a dot.
        file: the name of the seal.
    """
    place = folder / file
    place_seal(draft_seal(place, {name: folder / name for name in (_files(folder) if names is None else names)}), place)


def draft_seal(place: Path, files: Mapping[str, Path]) -> Path:
    """Write the draft of a seal, which `place_seal` moves to its place; return the draft.

    Args:
        place: the seal.
        files: what is sealed, by name; a file may lie elsewhere yet. They are written to the disk first.
    """
    found = {}
    for name, path in sorted(files.items()):
        with path.open("rb") as opened:
            os.fsync(opened.fileno())
            found[name] = {"size": path.stat().st_size, "sha256": _whole(opened), "sample": _sample(opened)}
    draft = draft_name(place)
    try:
        text = json.dumps({"version": VERSION, "files": found}, ensure_ascii=False, indent=2) + "\n"
        draft.write_bytes(text.encode("utf-8", "backslashreplace"))  # a file's name may be no text
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    return draft


def place_seal(draft: Path, place: Path) -> None:
    """Move the draft of a seal to its place."""
    try:
        draft.replace(place)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def seal_name(path: Path) -> str:
    """Return the name of a single file's seal."""
    return path.with_suffix(f".{SEAL}").name


def sealed(folder: Path, file: str = SEAL) -> bool:
    """Return whether ``folder`` has a seal."""
    return (folder / file).is_file()


def break_seal(folder: Path, file: str = SEAL) -> None:
    """Remove the seal, before files of ``folder`` are replaced."""
    (folder / file).unlink(missing_ok=True)


def check_seal(folder: Path, advice: str, whole: bool = False, file: str = SEAL) -> bool:
    """Check the files of ``folder`` against its seal, if it has one; return whether it has.

    Args:
        folder: the folder.
        advice: what to do about a broken one, for the message.
        whole: read every byte; else sizes and a block of each 2 MiB (about 30 ms for 2 GB).

    Raises:
        BuqiError: a file is missing, or is not what was written.
    """
    problem = broken(folder, whole, file)
    if problem:
        raise BuqiError(f"{problem}; {advice}; {CHANGED.replace(SEAL, file)}")
    return sealed(folder, file)


def broken(folder: Path, whole: bool = False, file: str = SEAL) -> str:
    """Return what is wrong with the first damaged file of a folder by its seal, or ``""``. As `check_seal`."""
    if not sealed(folder, file):
        return ""
    try:
        record = parsed(folder / file, Seal)
    except BuqiError as error:
        return str(error)
    for name, known in record.files.items():
        if ".." in Path(name).parts or Path(name).is_absolute():
            return f"{folder / file}: names {name[:200]}, which is not in the folder"
        try:
            problem = _differs(folder / name, known, whole)
        except (OSError, ValueError) as error:  # also a name that no file can have
            problem = f"cannot be read ({getattr(error, 'strerror', None) or error})"
        if problem:
            return f"{folder / name[:200]}: {problem} ({file})"
    return ""


def lacks_files(folder: Path) -> bool:
    """Return whether a file that the seal of ``folder`` names is not there; false where the seal cannot be read."""
    try:
        names = parsed(folder / SEAL, Seal).files
    except BuqiError:
        return False
    return not all((folder / name).is_file() for name in names)


def _differs(path: Path, known: SealedFile, whole: bool) -> str:
    if not path.is_file():
        return "missing, though the seal names it"
    if (size := path.stat().st_size) != known.size:
        return f"{size:,} bytes, {known.size:,} were written"
    with path.open("rb") as opened:
        same = _sample(opened) == known.sample and (not whole or _whole(opened) == known.sha256)
    return "" if same else "not the bytes that were written"


def _files(folder: Path) -> list[str]:
    found = [path.relative_to(folder) for path in folder.rglob("*") if path.is_file()]
    return [p.as_posix() for p in found if p.name != SEAL and not any(part.startswith(".") for part in p.parts)]


def _whole(file: Any) -> str:
    file.seek(0)
    digest = hashlib.sha256()
    while block := file.read(1 << 20):
        digest.update(block)
    return digest.hexdigest()


def _sample(file: Any) -> str:
    size = os.fstat(file.fileno()).st_size
    if size <= WHOLE:
        return _whole(file)
    digest = hashlib.sha256()
    for start in [*range(0, size - BLOCK, STRIDE), size - BLOCK]:
        file.seek(start)
        digest.update(file.read(BLOCK))
    return digest.hexdigest()
