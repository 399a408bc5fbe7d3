"""Files: the cache folder, JSON, and writing that never leaves half of anything."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from buqi.drafts import NAME, draft_name, remove, sweep, take_place
from buqi.errors import BuqiError, UsageError, explained
from buqi.json_text import json_bytes

OF_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS)  # what a disk refuses a write with
OS_ERROR = re.compile(rf"\(os error ({'|'.join(map(str, OF_DISK))})\)")  # as safetensors and Arrow tell it
SHORT_OF_ROOM = re.compile(r"No space left|^\d+ requested and \d+ written|PytorchStreamWriter failed")
MOVED_LAST = ("adapter_config.json", "config.json", "seal.json")
OF_MODELS = ("seal.json", "adapter_config.json", "config.json", "lora_config.json")  # a model has at least one of them
WITH_DRAFTS = ("base", "base/embedded-parts", "gguf", "indexes", "answers", "evaluate", "tasks")  # of the cache
SHEETS, FRAMES = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"), (".parquet", ".arrow", ".feather")  # that hold tables


def cache_dir() -> Path:
    """Return the cache folder: ``$BUQI_CACHE`` or ``~/.cache/buqi``. It is created when missing.

    The first call of a process removes drafts there of processes that are dead, such as a fetch that was killed.
    """
    folder = Path(os.environ.get("BUQI_CACHE") or Path.home() / ".cache" / "buqi")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        error.strerror = f"{error.strerror}; $BUQI_CACHE names another folder for the cache"
        raise
    for place in (folder, *(folder / name for name in WITH_DRAFTS)):
        with suppress(OSError):
            sweep(place, again=False)
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

    target = _real(target, folder=True)
    with draft_folder(target) as draft:
        yield draft
        seal(draft)
        take_place(draft, target)


def _real(target: Path, folder: bool) -> Path:
    """Return the path that is written for ``target``: of a link, what it leads to, so that the link stays.

    Raises:
        UsageError: something of another kind is there. A device or a pipe would be gone for all who use it.
    """
    real = Path(os.path.realpath(target))
    if os.path.lexists(real) and not (real.is_dir() if folder else real.is_file()):
        raise UsageError(f"{target} is there and is no {'folder' if folder else 'file'}; name another")
    return real


@contextmanager
def draft_folder(target: Path, shown: Path | None = None) -> Iterator[Path]:
    """Yield an empty folder beside ``target``, which is removed at the end. Drafts of dead processes are removed.

    An error of the disk names ``shown``, or the target.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    sweep(target.parent)
    draft = draft_name(target)
    try:
        with _native_errors(shown or target):
            draft.mkdir(mode=0o755)
            yield draft
    finally:
        remove(draft)


@contextmanager
def temporary_folder(name: str) -> Iterator[Path]:
    """Yield an empty folder among the system's temporary files. Only its owner can enter; it is removed at the end.

    A killed process leaves its folder. The next process that makes one removes it.

    Args:
        name: what it is for; part of the folder's name.

    Raises:
        OSError: it cannot be made.
    """
    target = Path(tempfile.gettempdir()) / f"buqi-{name}"
    sweep(target.parent, again=False)
    folder = draft_name(target)
    folder.mkdir(mode=0o700)
    try:
        with _native_errors(target.parent):
            yield folder
    finally:
        remove(folder)


@contextmanager
def _native_errors(target: Path) -> Iterator[None]:
    """Raise `OSError` with the target's name where the disk is full. Native writers raise other errors without a name.

    The user does not know a draft's name.
    """
    try:
        yield
    except BuqiError:
        raise
    except Exception as error:
        if isinstance(error, OSError) and error.errno is not None:
            named = error.filename if isinstance(error.filename, (str, bytes)) else ""  # none of a file that is open
            if not named or any(map(NAME.fullmatch, Path(os.fsdecode(named)).parts)):
                error.filename = str(target)
        elif found := OS_ERROR.search(str(error)):
            raise OSError(code := int(found[1]), os.strerror(code), str(target)) from error
        elif SHORT_OF_ROOM.search(str(error)):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(target)) from error
        raise


@contextmanager
def whole_files(folder: Path) -> Iterator[Path]:
    """Yield an empty folder whose files become those of ``folder`` when the block ends without an error.

    A folder that is new or empty is replaced in one move. Into any other the files are moved one by one: last the seal,
    so that it tells if the moves were cut off, and just before it the files that make the folder a model.
    """
    folder = _real(folder, folder=True)
    used = folder.is_dir() and (any(folder.iterdir()) or not os.access(folder.parent, os.W_OK))
    with draft_folder(folder / "files" if used else folder, folder) as draft:
        yield draft
        if not used:
            take_place(draft, folder)
            return
        names = sorted(path.name for path in draft.iterdir())
        for name in sorted(names, key=lambda name: MOVED_LAST.index(name) if name in MOVED_LAST else -1):
            (draft / name).replace(folder / name)


@contextmanager
def whole_file(target: Path) -> Iterator[Path]:
    """Yield a path beside ``target`` that replaces it only when the block ends without an error."""
    target = _real(target, folder=False)
    target.parent.mkdir(parents=True, exist_ok=True)
    sweep(target.parent, again=False)  # a job writes thousands of files into one folder
    draft = draft_name(target)
    try:
        with _native_errors(target):
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


def check_model_target(target: Path, overwrite: bool, option: str, read: Iterable[Path] = ()) -> None:
    """Refuse a folder for a model that exists, unless ``overwrite`` is set and a model lies there that is not ``read``.

    Raises:
        UsageError: as `check_free`; or the folder holds something else than a model, or what is read.
    """
    check_free(target, overwrite, option)
    real = Path(os.path.realpath(target))
    for source in filter(Path.exists, read):
        there = Path(os.path.realpath(source))
        if real == there or real in there.parents:
            raise UsageError(
                f"{option} {target}: {source} is read and lies there, it would be gone; name another folder"
            )
    if target.exists() and not target.is_dir():
        raise UsageError(f"{option} {target} is a file; name a folder")
    held = sorted(path.name for path in target.iterdir()) if target.is_dir() else []
    if held and not set(OF_MODELS) & set(held):
        found = ", ".join(held[:4])
        raise UsageError(f"{option} {target} holds no model to replace but {found}; name another folder")


def check_room(folder: Path, need: float, what: str) -> None:
    """Raise `BuqiError` where the disk of ``folder`` has less than ``need`` bytes free."""
    free = shutil.disk_usage(folder).free
    if free < need:
        raise BuqiError(f"{folder}: {free / 1e9:.1f} GB free, {what} needs {need / 1e9:.1f} GB")


def write_json(path: Path, record: Any) -> None:
    """Write ``record`` as indented JSON; the file appears whole or not at all."""
    with whole_file(path) as draft:
        draft.write_bytes(json_bytes(record))


def read_json(path: Path) -> dict[str, Any]:
    """Return a JSON object; `BuqiError` where the file is broken or holds something else."""
    with explained(f"{path}: broken", ValueError, RecursionError):  # no JSON, or no UTF-8, or nested too deep
        record = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(record, dict):
        raise BuqiError(f"{path}: expected an object, found {type(record).__name__}")
    return record


def kind_of(path: Path) -> str:
    """Return the suffix of a file in lower case, without ``.gz``."""
    return (path.with_suffix("") if path.suffix.lower() == ".gz" else path).suffix.lower()


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file as hex digits."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
