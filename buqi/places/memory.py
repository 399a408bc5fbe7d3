"""What a user's addresses say: names of places, the county and town they lie in, how often.

A memory is a folder with one folder for each source: ``names.parquet`` (name, county, town, count), ``source.json``
and, of a large source, ``classifier.safetensors``. So sources are added, replaced, forgotten and merged without
touching each other. Addresses themselves are not kept.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from functools import lru_cache
from pathlib import Path

import polars as pl

from buqi.divisions import Match, Matcher, Table, load_matcher, load_table
from buqi.errors import BuqiError, UsageError
from buqi.files import whole_folder
from buqi.places.classifier import KNOWN, Classifier, load_classifier, plain_text
from buqi.places.extract import place_names
from buqi.seal import check_seal

NAMES, RECORD, CLASSIFIER = "names.parquet", "source.json", "classifier.safetensors"
USABLE = re.compile(r"[\w.\-]{1,80}")
SCHEMA = {"name": pl.String, "county": pl.String, "town": pl.String, "count": pl.UInt32}
# A classifier is worth training where at least this share of the counties is known well enough. One of a region would
# take all addresses for its own.
COVERED = 0.75
CERTAIN = 3  # sightings of a name, all in one town, before the town is believed


@dataclass(frozen=True)
class Source:
    """One source: its name, cells it had and that were used, names kept, when, and whether a classifier was trained."""

    name: str
    cells: int
    used: int
    names: int
    learnt: str
    classifier: bool = False


def places_dir() -> Path:
    """Return where the memory lies: ``$BUQI_PLACES`` or ``~/.local/share/buqi/places``. It may not exist yet."""
    return Path(os.environ.get("BUQI_PLACES") or Path.home() / ".local" / "share" / "buqi" / "places")


def learn(
    cells: Iterable[str],
    source: str,
    folder: Path | None = None,
    progress: Callable[[int], None] = lambda _: None,
    passes: Callable[[int, int], None] | None = lambda _, __: None,
    matcher: Matcher | None = None,
) -> Source:
    """Keep the place names of addresses whose county is certain; replaces what this source taught before.

    Addresses from all over the country also train a classifier (2 minutes for 300,000 on two cores).

    Args:
        cells: addresses, one each; what cannot be placed is left out.
        source: a name for them, to forget or replace them by.
        folder: the memory; `places_dir` if not given.
        progress: called with how many more cells were read.
        passes: called after each pass of the classifier's training with passes done and in all; ``None``: names only.
        matcher: reads the addresses; the shipped table's if not given.

    Raises:
        UsageError: the name is not usable, or in no cell a county was certain.
    """
    if not USABLE.fullmatch(source) or source.startswith("."):
        raise UsageError(f"source {source!r}: use letters, digits, '.', '-' and '_'")
    matcher = matcher or load_matcher()
    counts: Counter[tuple[str, str, str]] = Counter()
    details: list[str] = []
    counties: list[str] = []
    read = 0
    for read, cell in enumerate(cells, 1):
        match = matcher.match(cell)
        if place := placed(match, matcher.table):
            details.append(match.detail)
            counties.append(place[0])
            counts.update((name, *place) for name in place_names(match.detail))
        if read % 2000 == 0:
            progress(2000)
    if not details:
        raise UsageError(f"{source}: in none of {read} cells a county is certain; nothing was learnt")
    rows = sorted((*key, count) for key, count in counts.items())
    distinct = {(plain_text(text), county) for text, county in zip(details, counties, strict=True)}
    trained = passes is not None and covers((county for _, county in distinct), matcher)
    now = datetime.now(timezone.utc).isoformat(timespec="seconds")
    known = Source(source, read, len(details), len(rows), now, trained)
    with whole_folder((folder or places_dir()) / source) as draft:
        pl.DataFrame(rows, schema=SCHEMA, orient="row").write_parquet(draft / NAMES, compression="zstd")
        if passes is not None and trained:
            from buqi.places.training import train  # loads torch

            train(details, counties, passes).save(draft / CLASSIFIER)
        (draft / RECORD).write_text(json.dumps(asdict(known), ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    load_memory.cache_clear()
    return known


def covers(counties: Iterable[str], matcher: Matcher) -> bool:
    """Return whether addresses of these counties are from all over the country."""
    known = sum(count >= KNOWN for count in Counter(counties).values())
    return known >= COVERED * len({town.parent for town in matcher.table.at("town")})


def placed(match: Match, table: Table) -> tuple[str, str] | None:
    """Return county (a city without counties for itself) and town (or ``""``) if the match is certain of the county."""
    if match.best is None or match.best.against or table.has_counties(county := table.county_of(match.best.code)):
        return None
    return county, match.best.code if len(match.best.code) == 9 else ""


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
            raise BuqiError(f"{path}: broken ({error}); forget this source or learn it again") from error
    return found


def forget(source: str, folder: Path | None = None) -> None:
    """Remove all that a source taught.

    Raises:
        UsageError: nothing was learnt from it.
    """
    root = folder or places_dir()
    known = [path.name for path in root.glob("[!.]*") if path.is_dir()]
    if source not in known:
        raise UsageError(f"{root}: nothing was learnt from {source!r}; known: {', '.join(sorted(known)) or 'nothing'}")
    shutil.rmtree(root / source)
    load_memory.cache_clear()


class Memory:
    """All sources together: ``frame`` (name, county, town, count), and classifiers of those large enough to have one.

    Rows of divisions that ``table`` (the shipped one if not given) does not have are left out.
    """

    def __init__(self, frame: pl.DataFrame, classifiers: Sequence[Classifier] = (), table: Table | None = None) -> None:
        self.classifiers = tuple(classifiers)
        present = set((table or load_table()).by_code)
        kept = frame.filter(pl.col("county").is_in(present) & (pl.col("town").is_in(present) | (pl.col("town") == "")))
        self.missing = len(frame) - len(kept)  # rows of divisions that a newer table no longer has
        self.frame = kept.group_by("name", "county", "town").agg(pl.col("count").sum()).sort("name", "county", "town")
        self._names = self.frame["name"].to_list()
        self._rows = self.frame.select("county", "town", "count").rows()

    def __bool__(self) -> bool:
        return bool(self._names)

    def seen(self, name: str) -> list[tuple[str, str, int]]:
        """Return (county, town or ``""``, count) of each place where ``name`` was seen, the most frequent first."""
        return sorted(self._rows[self.rows_of(name)], key=lambda row: (-row[2], row[0], row[1]))

    def rows_of(self, name: str) -> slice:
        """Return which rows of ``frame`` are of a name; they stand together."""
        return slice(bisect_left(self._names, name), bisect_right(self._names, name))

    def town(self, names: Sequence[str], county: str) -> str:
        """Return the town of ``county`` in which one of ``names`` was seen often and always; ``""`` if none is certain.

        Sightings without a town say nothing against it.
        """
        towns = set()
        for name in names:
            seen = {town: count for c, town, count in self.seen(name) if c == county and town}
            if len(seen) == 1 and sum(seen.values()) >= CERTAIN:
                towns |= set(seen)
        return towns.pop() if len(towns) == 1 else ""


@lru_cache(maxsize=4)
def load_memory(folder: Path | None = None) -> Memory:
    """Return the memory of a folder (`places_dir` if not given); an empty one where nothing was learnt.

    Raises:
        BuqiError: a file of it is broken.
    """
    frames, classifiers = [], []
    for path in sorted((folder or places_dir()).glob(f"[!.]*/{NAMES}")):
        check_seal(path.parent, "forget this source or learn it again")
        try:
            frames.append(pl.read_parquet(path).select(list(SCHEMA)).cast(dict(SCHEMA)))  # type: ignore[arg-type]
        except (pl.exceptions.PolarsError, OSError) as error:
            raise BuqiError(f"{path}: broken ({error}); forget this source or learn it again") from error
        if (trained := path.with_name(CLASSIFIER)).exists():
            classifiers.append(load_classifier(trained))
    return Memory(pl.concat(frames), classifiers) if frames else empty_memory()


def empty_memory() -> Memory:
    """Return a memory that knows nothing."""
    return Memory(pl.DataFrame(schema=SCHEMA))
