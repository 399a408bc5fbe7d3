"""The parts of the cache folder. All of them can be made or fetched again."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from buqi.drafts import NAME as DRAFT
from buqi.drafts import draft_name, remove
from buqi.errors import BuqiError, UsageError
from buqi.files import cache_dir
from buqi.lock import holder
from buqi.owner import Owner, owner_in
from buqi.seal import SEAL

# By a part's name: its place in the cache, what it is and how it is made again. Nothing else in the folder is listed or
# removed. The table in docs/reference/kept.md says the same.
PARTS = {
    "base": ("base", "weights of bases; fetched or converted again"),
    "modelscope": ("modelscope", "weights from ModelScope; fetched again"),
    "gguf": ("gguf", "weights for llama.cpp and OpenVINO; converted again"),
    "indexes": ("indexes", "arrays made of the lists, your memory and the tokens of large files of rows; made again"),
    "answers": ("answers", "answers to texts of your files that took long; computed again"),
    "evaluate": ("evaluate", "answers of comparisons that were interrupted; computed again"),
    "tasks": ("tasks", "files of the public tasks of buqi bench task; fetched again"),
    "engines": ("engines-*.json", "which engine is fastest here; measured again by buqi bench engines"),
}


def _hex(digits: int) -> str:
    return "[0-9a-f]" * digits


# The names of what buqi makes in each part of the cache. Everything else there is the user's.
OURS = {
    "base": (f"embedded-{_hex(12)}", "embedded-parts", f"gguf-{_hex(12)}", ".embedded.lock", f".gguf-{_hex(12)}.lock"),
    "modelscope": (f"**/{SEAL}", ".*--*.lock", ".lock", "**/._____temp"),  # whole copies are sealed
    "gguf": (f"{_hex(16)}-[48]", f"lora-{_hex(16)}", f"{_hex(16)}-{_hex(16)}-8"),
    "indexes": (f"?*-{_hex(24)}.safetensors", f"?*-{_hex(24)}.lock"),
    "answers": ("key", f"{_hex(16)}.sqlite*"),
    "evaluate": (_hex(16),),
    "tasks": ("banking77/train.csv", "banking77/test.csv"),
}
ALL = "all"


@dataclass(frozen=True)
class CachePart:
    """A part of the cache: its name, what it is, its paths, how many files and bytes."""

    name: str
    about: str
    paths: tuple[Path, ...]
    files: int
    bytes: int

    def as_json(self) -> dict[str, object]:
        """Return it as a JSON object."""
        return asdict(self) | {"paths": [str(path) for path in self.paths]}


def cache_parts() -> list[CachePart]:
    """Return the parts that the cache has, the largest first."""
    found = []
    for name, (_, about) in PARTS.items():
        paths = tuple(sorted({*_made(name)}))
        sizes = [size for path in paths for size in _sizes(path)]
        if paths:
            found.append(CachePart(name, about, paths, len(sizes), sum(sizes)))
    return sorted(found, key=lambda part: -part.bytes)


def _sizes(path: Path) -> Iterator[int]:
    """Yield the bytes of each file of a path. One that another process removes meanwhile does not count."""
    places = os.walk(path) if path.is_dir() else [(str(path.parent), [], [path.name])]
    for folder, _, names in places:
        for name in names:
            with suppress(OSError):
                found = os.stat(os.path.join(folder, name))
                if stat.S_ISREG(found.st_mode):
                    yield found.st_size


def _made(name: str) -> Iterator[Path]:
    """Yield what buqi made of one part of the cache."""
    place = cache_dir() / PARTS[name][0]
    if name not in OURS:
        yield from place.parent.glob(place.name)
        return
    for pattern in OURS[name]:
        for path in place.glob(pattern):
            if path.name == SEAL:
                made = path.parent
                real = os.path.realpath(made)
                yield from (p for p in made.parent.iterdir() if p.is_symlink() and os.path.realpath(p) == real)
                yield made
            else:
                yield path
    yield from (path for path in place.glob(".*") if DRAFT.fullmatch(path.name))


def clear(names: Iterable[str]) -> list[CachePart]:
    """Remove the named parts, or ``all``, and return them.

    Files of the user's stay, and so do the folders that hold them.

    Raises:
        UsageError: nothing is named although there is something, or the cache never has anything of such a name.
        BuqiError: some of it cannot be removed, or another process makes some of it now; then nothing is removed.
    """
    wanted, there = set(names), cache_parts()
    if unknown := sorted(wanted - {*PARTS, ALL}):
        raise UsageError(f"{unknown[0]}: expected one of {', '.join(PARTS)}, or {ALL}")
    if not wanted and there:
        sizes = ", ".join(f"{part.name} ({part.bytes / 1e6:,.1f} MB)" for part in there)
        raise UsageError(f"name what to remove, or {ALL}: {sizes}")
    removed = [part for part in there if ALL in wanted or part.name in wanted]
    paths = [path for part in removed for path in part.paths]
    for path in paths:
        if (owner := _maker(path)) is not None:
            raise BuqiError(f"{path}: process {owner.pid} makes it now; wait until it is done, nothing was removed")
    for path in paths:
        _remove(path)
        with suppress(OSError):  # a folder in which the user has files
            for folder in path.parents:
                if folder == cache_dir():
                    break
                folder.rmdir()
    for name in PARTS if ALL in wanted else wanted:
        with suppress(OSError):  # one that a killed process left empty
            (cache_dir() / PARTS[name][0]).rmdir()
    return removed


def _maker(path: Path) -> Owner | None:
    """Return the process of this host that holds a lock, or makes a draft, and runs; ``None`` for other paths."""
    match = DRAFT.fullmatch(path.name)
    owner = owner_in(match["tag"]) if match else holder(path) if path.suffix == ".lock" else None
    return owner if owner is not None and owner.here and not owner.dead else None


def _remove(path: Path) -> None:
    """Remove a file, a link or a folder. A folder is gone at once: one that is half there would be taken for whole."""
    removed = path
    with suppress(FileNotFoundError):  # another process has just removed it
        if path.is_dir() and not path.is_symlink() and not DRAFT.fullmatch(path.name):
            removed = draft_name(path)
            with suppress(PermissionError):
                path.rename(removed)
        remove(removed)
    if left := next((p for p in (path, removed) if os.path.lexists(p)), None):
        raise BuqiError(f"{left}: cannot be removed wholly; somebody else owns it or uses it now")
