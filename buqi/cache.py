"""What lies in the cache folder: all of it can be made or fetched again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from buqi.drafts import remove
from buqi.errors import UsageError
from buqi.files import cache_dir

# By what it is called: where it lies in the cache, and what it is. Nothing else in the folder is listed or removed.
PARTS = {
    "indexes": ("indexes", "of the lists and your memory; made again in seconds"),
    "answers": ("answers", "to long texts of your files; computed again"),
    "evaluate": ("evaluate", "answers of comparisons; computed again"),
    "base": ("base", "weights of models; fetched or converted again"),
    "modelscope": ("modelscope", "weights of models; fetched again"),
    "gguf": ("gguf", "weights for llama.cpp; converted again"),
    "engines": ("engines-*.json", "which engine is fastest here; buqi bench engines measures it again"),
}


@dataclass(frozen=True)
class CachePart:
    """One thing that the cache has: its name, what it is, where it lies, how many files and bytes."""

    name: str
    about: str
    paths: tuple[Path, ...]
    files: int
    bytes: int

    def as_json(self) -> dict[str, object]:
        """Return it as a JSON object."""
        return asdict(self) | {"paths": [str(path) for path in self.paths]}


def cache_parts() -> list[CachePart]:
    """Return what the cache has, the largest first."""
    found = []
    for name, (pattern, about) in PARTS.items():
        paths = tuple(sorted(cache_dir().glob(pattern)))
        files = [f for path in paths for f in (path.rglob("*") if path.is_dir() else [path]) if f.is_file()]
        if paths:
            found.append(CachePart(name, about, paths, len(files), sum(f.stat().st_size for f in files)))
    return sorted(found, key=lambda part: -part.bytes)


def clear(names: Iterable[str] = ()) -> list[CachePart]:
    """Remove what is named, or all, and return it.

    Raises:
        UsageError: the cache never has anything of such a name.
    """
    wanted = set(names)
    if unknown := sorted(wanted - set(PARTS)):
        raise UsageError(f"{unknown[0]}: expected one of {', '.join(PARTS)}")
    removed = [part for part in cache_parts() if part.name in (wanted or PARTS)]
    for path in (path for part in removed for path in part.paths):
        remove(path)
    return removed
