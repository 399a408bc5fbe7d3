"""Indexes on disk. Each is a file in the format of safetensors, named after a hash of what it was made of.

A file appears whole or not at all. Processes that make the same index write the same bytes. The bytes are checked when
the file is opened, and a broken index is made again. Nothing in it is ever run.
"""

from __future__ import annotations

import hashlib
import json
import mmap
import os
import sys
import time
import zlib
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from functools import lru_cache
from pathlib import Path

import numpy as np

from buqi.errors import BuqiError
from buqi.files import cache_dir, private, whole_file
from buqi.indexes.arrays import Arrays, Lists, TextLists, packed_lists, text_lists
from buqi.lock import HeldError, locked

FOLDER, SUFFIX = "indexes", ".safetensors"
PACKAGE = Path(__file__).parents[1]
ROOMS = ("indexes", "divisions", "gazetteer", "places", "address")  # whose code and lists the shipped indexes come from
TYPES = {
    "U8": np.uint8, "I8": np.int8, "U16": np.uint16, "F16": np.float16, "I32": np.int32, "U32": np.uint32,
    "F32": np.float32, "I64": np.int64, "U64": np.uint64, "F64": np.float64,
}  # fmt: skip
LONGEST_HEADER = 1 << 20  # bytes
UNREADABLE = (OSError, ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError, OverflowError)
PATIENCE = 60.0  # seconds that a process waits for another one that makes the same index
RECENT = 3600.0  # seconds in which the time of an index's last use is not written anew
MOST = 4  # indexes of one name: for other versions of the code, or other memories. Those used last are kept
_said: set[str] = set()  # what this process has said on standard error


def kept(name: str, source: str, make: Callable[[], Arrays]) -> Arrays:
    """Return an index, made if the cache does not have it. Its arrays are read-only.

    Args:
        name: letters and ``-``.
        source: a hash of what it is made of and of the code that makes it.
        make: makes its arrays.
    """
    folder = index_folder()
    if folder is None:
        return make()
    path = folder / f"{name}-{source}{SUFFIX}"
    found = _opened(path, f"{name} {source}")
    if found is not None:
        return found
    with ExitStack() as turn:
        if _take_turn(path, turn):
            found = _opened(path, f"{name} {source}")  # another process may just have made it
        if found is None:
            found = make()
            _keep(path, found, name, source)
    return found


def _take_turn(path: Path, turn: ExitStack) -> bool:
    """Wait until no other process makes the index; return whether this one waited."""
    if not os.access(next(parent for parent in path.parents if parent.exists()), os.W_OK):
        return False  # said by `_keep`
    until, waited = time.monotonic() + PATIENCE, False
    while time.monotonic() < until:
        try:
            turn.enter_context(locked(path.with_suffix(".lock"), "making an index"))
        except HeldError:
            waited = True
            time.sleep(0.05)
            continue
        except BuqiError:  # no lock can be made; what prevents it is said by `_keep`
            break
        if not waited and not any(path.parent.glob(f"*-{shipped()}*{SUFFIX}")):  # not yet said by an earlier process
            _say("indexes", f"making indexes, once; they are kept in {path.parent}")
        break
    return waited


def kept_lists(name: str, make: Callable[[], Mapping[str, Lists]]) -> dict[str, TextLists]:
    """Return several lists of words by a text. They are made of the shipped lists, and kept as `kept` does.

    Args:
        name: of the index.
        make: makes the lists, each with a name.
    """

    def arrays() -> Arrays:
        return {k: array for part, found in make().items() for k, array in packed_lists(part, found).items()}

    found = kept(name, shipped(), arrays)
    return {part: text_lists(found, part) for part in found if f"{part}_of" in found}


def index_folder() -> Path | None:
    """Return the folder of the indexes; ``None`` if there is no cache on this machine."""
    try:
        return cache_dir() / FOLDER
    except (OSError, RuntimeError) as error:  # read-only, or there is no home
        _say("cache", f"no cache, so indexes are made at each start: {error}")
        return None


@lru_cache(maxsize=1)
def shipped() -> str:
    """Return a hash of the code and lists that the shipped indexes are made of (0.01 s)."""
    digest = hashlib.sha256(sys.byteorder.encode())
    for room in ROOMS:
        for path in sorted([*(PACKAGE / room).rglob("*.py"), *(PACKAGE / room).glob("data/*")]):
            digest.update(f"{path.relative_to(PACKAGE)} {path.stat().st_size} ".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:24]


def _opened(path: Path, what: str) -> Arrays | None:
    """Return the arrays of a file; ``None`` if it is missing, broken or not the index that ``what`` names."""
    try:
        arrays, about = mapped(path)
        if about != {"index": f"{what} {_checksum(arrays)}"}:
            return None
        if time.time() - path.stat().st_mtime > RECENT:
            with suppress(OSError):
                os.utime(path)
    except UNREADABLE:
        return None
    return arrays


def mapped(path: Path) -> tuple[Arrays, dict[str, str]]:
    """Return the arrays of a safetensors file, mapped into memory, and its metadata.

    Raises:
        `UNREADABLE`: it is no such file, or one of other types than `TYPES`.
    """
    with path.open("rb") as file:
        data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    size = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + min(size, LONGEST_HEADER)])
    about = header.pop("__metadata__")
    arrays = {}
    for name, record in header.items():
        start, end = record["data_offsets"]
        array = np.ndarray(tuple(record["shape"]), TYPES[record["dtype"]], buffer=data, offset=8 + size + start)
        if array.nbytes != end - start or start < 0:
            raise ValueError(f"{name}: {end - start} bytes, expected {array.nbytes}")
        arrays[name] = array
    return arrays, about


def drop(name: str) -> None:
    """Remove the indexes of a name, for example those of a memory that is forgotten."""
    folder = index_folder()
    for path in folder.glob(f"{name}-*{SUFFIX}") if folder else ():
        path.unlink(missing_ok=True)


def _checksum(arrays: Arrays) -> int:
    """Return the CRC-32 of all arrays with their names, types and shapes."""
    checksum = 0
    for name in sorted(arrays):
        array = arrays[name]
        checksum = zlib.crc32(f"{name} {array.dtype.str} {array.shape}".encode(), checksum)
        checksum = zlib.crc32(array.data, checksum)
    return checksum


def _keep(path: Path, arrays: Arrays, name: str, source: str) -> None:
    """Write an index. Where that is not possible, it is made again the next time."""
    from safetensors.numpy import save_file

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(path) as draft:
            private(draft)  # a memory's index holds names of the user's places
            whole = {column: np.ascontiguousarray(array) for column, array in arrays.items()}
            save_file(whole, draft, {"index": f"{name} {source} {_checksum(whole)}"})
        used = {other: other.stat().st_mtime for other in path.parent.glob(f"{name}-*{SUFFIX}")}
        for other in sorted(used, key=lambda other: -used[other])[MOST:]:
            other.unlink(missing_ok=True)
    except OSError as error:
        _say("cache", f"{path.parent}: cannot be written ({error.strerror}), so indexes are made at each start")


def _say(about: str, text: str) -> None:
    """Say ``text`` on standard error. It is said once in a process for what it is ``about``."""
    if about not in _said:
        _said.add(about)
        print(f"buqi: {text}", file=sys.stderr)
