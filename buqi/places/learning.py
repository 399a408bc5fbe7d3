"""Learning: from full addresses to a source of a memory, and forgetting one."""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from buqi.divisions import Matcher, load_matcher
from buqi.drafts import draft_name, remove, sweep
from buqi.errors import BuqiError, UsageError, explained
from buqi.files import whole_folder
from buqi.indexes import drop
from buqi.places.classifier import BROKEN, KNOWN, plain_text
from buqi.places.memory import CLASSIFIER, INDEXES, NAMES, RECORD, load_memory, places_dir, schema
from buqi.places.placing import place_pieces

USABLE = re.compile(r"[\w.\-]{1,80}")
# A classifier is trained where at least this share of the counties has enough addresses. One that has seen a single
# region would place all addresses there.
COVERED = 0.75


@dataclass(frozen=True)
class Source:
    """One source of a memory.

    Attributes:
        name: to replace or forget it by.
        cells: that it had.
        used: of these, in which a county was certain.
        names: different names of places, counted for each town.
        learnt: when, in UTC, as ISO 8601.
        classifier: whether one was trained.
    """

    name: str
    cells: int
    used: int
    names: int
    learnt: str
    classifier: bool = False


def learn(
    cells: Iterable[str],
    source: str,
    folder: Path | None = None,
    progress: Callable[[int], None] = lambda _: None,
    passes: Callable[[int, int], None] | None = lambda _, __: None,
    matcher: Matcher | None = None,
    processes: int = 1,
) -> Source:
    """Keep the place names of addresses whose county is certain. What this source taught before is replaced.

    Addresses from all over the country also train a classifier (2 minutes for 300,000 on two cores).

    Args:
        cells: addresses, one each; what cannot be placed is left out.
        source: a name for them, to forget or replace them by.
        folder: the memory; `places_dir` if not given.
        progress: called with how many more cells were read.
        passes: called after each pass of the classifier's training with the passes done and all passes. If it is
            ``None``, no classifier is trained.
        matcher: reads the addresses; the shipped table's if not given.
        processes: how many read the addresses, if they are many.

    Raises:
        UsageError: the name is not usable, no cell has a certain county, or the target is no source or cannot be
            written.
    """
    import polars as pl

    target = (folder or places_dir()) / source
    _check_target(source, target)
    counts: Counter[tuple[str, str, str]] = Counter()
    details: list[str] = []
    counties: list[str] = []
    read = 0
    for count, found in place_pieces(cells, matcher, processes):
        for address in found:
            details.append(address.detail)
            counties.append(address.county)
            counts.update((name, address.county, address.town) for name in address.names)
        read += count
        progress(count)
    if not details:
        raise UsageError(f"{source}: in none of {read} cells a county is certain; nothing was learnt")
    rows = sorted((*key, count) for key, count in counts.items())
    distinct = {(plain_text(text), county) for text, county in zip(details, counties, strict=True)}
    trained = passes is not None and covers((county for _, county in distinct), matcher or load_matcher())
    now = datetime.now(UTC).isoformat(timespec="seconds")
    known = Source(source, read, len(details), len(rows), now, trained)
    with whole_folder(target) as draft:
        pl.DataFrame(rows, schema=schema(), orient="row").write_parquet(draft / NAMES, compression="zstd")
        if passes is not None and trained:
            from buqi.places.training import train  # loads torch

            train(details, counties, passes).save(draft / CLASSIFIER)
        (draft / RECORD).write_text(json.dumps(asdict(known), ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    _renew()
    return known


def _check_target(source: str, target: Path) -> None:
    """Raise `UsageError` where a source's name is not usable, or its target is no source or cannot be written."""
    if not USABLE.fullmatch(source) or source.startswith("."):
        raise UsageError(
            f"source {source!r}: use letters, digits, '.', '-' and '_', 80 at most; name another with --source"
        )
    if os.path.lexists(target) and not _is_source(target):
        raise UsageError(f"{target} is there and is no source that was learnt; name another --source or --memory")
    there = next(parent for parent in Path(os.path.realpath(target)).parents if parent.exists())
    if not os.access(there, os.W_OK | os.X_OK):  # found now, and not after minutes of work
        raise UsageError(f"{target}: nothing can be written in {there}; name another --memory")


def covers(counties: Iterable[str], matcher: Matcher) -> bool:
    """Return whether addresses of these counties are from all over the country."""
    known = sum(count >= KNOWN for count in Counter(counties).values())
    return known >= COVERED * len({town.parent for town in matcher.table.at("town")})


def sources(folder: Path | None = None) -> list[Source]:
    """Return what a memory has learnt from, by name.

    Raises:
        BuqiError: a record is broken.
    """
    found = []
    for path in sorted((folder or places_dir()).glob(f"[!.]*/{RECORD}")):
        try:
            found.append(Source(**json.loads(path.read_text(encoding="utf-8"))))
        except (ValueError, RecursionError, TypeError, OSError) as error:
            raise BuqiError(f"{path}: broken ({error}); {BROKEN}") from error
    return found


def forget(source: str, folder: Path | None = None) -> None:
    """Remove all that a source taught.

    Raises:
        UsageError: nothing was learnt from it.
    """
    root = folder or places_dir()
    if root.is_dir():
        _renew()  # also what a process kept that was killed while it forgot
        sweep(root)
    known = [path.name for path in root.glob("[!.]*") if _is_source(path)]
    if source not in known:
        raise UsageError(f"{root}: nothing was learnt from {source!r}; known: {', '.join(sorted(known)) or 'nothing'}")
    aside = draft_name(root / source)
    with explained(f"{root / source}: cannot be forgotten", OSError):
        (root / source).rename(aside)  # at once: a source that is half there is broken
    remove(aside)
    _renew()


def _is_source(folder: Path) -> bool:
    """Whether a folder holds only files of a source, perhaps not all of them, and nothing of the user's own."""
    from buqi.seal import SEAL  # loads pydantic, 0.1 s

    held = {path.name for path in folder.iterdir()} if folder.is_dir() else {""}
    return held <= {NAMES, RECORD, CLASSIFIER, SEAL}


def _renew() -> None:
    """Remove what this process and the cache hold of the memory as it was: it has names that may be forgotten now."""
    load_memory.cache_clear()
    for name in INDEXES:
        drop(name)
