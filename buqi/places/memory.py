"""What a user's addresses say: names of places, the county and town they lie in, how often.

A memory is a folder with one folder for each source: ``names.parquet`` (name, county, town, count), ``source.json``
and, of a large source, ``classifier.safetensors``. A source can be added, replaced or
forgotten without touching another. Addresses themselves are not kept. All sources together are an index in the cache.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from buqi.divisions import Table, load_table
from buqi.divisions.piece_numbers import number_of, numbers_of
from buqi.errors import BuqiError, UsageError
from buqi.indexes import Arrays, TextRows, kept, numbered, packed, shipped, unpacked
from buqi.places.classifier import BROKEN, Classifier, load_classifier

if TYPE_CHECKING:
    import polars as pl

NAMES, RECORD, CLASSIFIER = "names.parquet", "source.json", "classifier.safetensors"
INDEXES = ("memory", "votes")  # that the cache has of a memory
COLUMNS = ("name", "county", "town", "count")
CERTAIN = 3  # sightings of a name, all in one town, before the town is believed


def schema() -> dict[str, Any]:
    """Return the types of `NAMES`."""
    import polars as pl  # takes 0.2 s, and only learning and making an index need it

    return dict(zip(COLUMNS, (pl.String, pl.String, pl.String, pl.UInt32), strict=True))


def places_dir() -> Path:
    """Return where the memory lies: ``$BUQI_PLACES`` or ``~/.local/share/buqi/places``. It may not exist yet."""
    return Path(os.environ.get("BUQI_PLACES") or Path.home() / ".local" / "share" / "buqi" / "places")


class Memory:
    """All sources together, and the classifiers of those that are large enough to have one.

    Args:
        arrays: the names and where they were seen, made by `memory_arrays`.
        classifiers: what the large sources taught.
        source: a hash of the files that it was read from; empty if it was made otherwise.
    """

    def __init__(self, arrays: Arrays, classifiers: Sequence[Classifier] = (), source: str = "") -> None:
        self.arrays, self.classifiers, self.source = arrays, tuple(classifiers), source
        self.codes = unpacked(arrays["codes"])
        self._number = {code: number for number, code in enumerate(self.codes)}
        self._names = TextRows(arrays["names"], arrays["ends"])

    def __bool__(self) -> bool:
        return len(self._names) > 0

    def seen(self, name: str) -> list[tuple[str, str, int]]:
        """Return (county, town or ``""``, count) of each place where ``name`` was seen, the most frequent first."""
        rows = self.rows_of(name)
        columns = (self.arrays[column][rows].tolist() for column in ("county", "town", "count"))
        found = ((self.codes[county], self.codes[town], count) for county, town, count in zip(*columns, strict=True))
        return sorted(found, key=lambda row: (-row[2], row[0], row[1]))

    def rows_of(self, name: str) -> slice:
        """Return which rows are of a name; they stand together."""
        numbers, number = self.arrays["numbers"], number_of(name)
        at = int(np.searchsorted(numbers, number))
        while at < len(numbers) and numbers[at] == number:  # different names may have one number
            start, end = self.arrays["rows"][at].tolist()
            if self._names[start] == name:
                return slice(start, end)
            at += 1
        return slice(0, 0)

    def names(self) -> list[str]:
        """Return the name of each row."""
        return [self._names[row] for row in range(len(self._names))]

    def town(self, names: Sequence[str], county: str) -> str:
        """Return the one town of ``county`` in which ``names`` were seen; ``""`` if that is not certain.

        It is certain of a name that was seen at least `CERTAIN` times with a town, each time with the same one.
        """
        towns = set()
        for name in names:
            rows = self.rows_of(name)
            here = rows.start + np.flatnonzero(self.arrays["county"][rows] == self._number.get(county, -1))
            places = zip(self.arrays["town"][here].tolist(), self.arrays["count"][here].tolist(), strict=True)
            seen = {self.codes[town]: count for town, count in places if self.codes[town]}
            if len(seen) == 1 and sum(seen.values()) >= CERTAIN:
                towns |= set(seen)
        return towns.pop() if len(towns) == 1 else ""


def memory_arrays(frame: pl.DataFrame, table: Table) -> Arrays:
    """Return the rows of a memory as arrays, in order of name, county and town.

    Rows of divisions that the table does not have are left out.

    Args:
        frame: name, county, town, count, with the types of `schema`.
        table: of divisions.

    Returns:
        ``codes`` of all divisions, packed; for each row ``county`` and ``town`` as numbers of codes, and ``count``;
        the names, ``names`` and ``ends``, as `TextRows` has them; `named_rows`.
    """
    import polars as pl

    present = set(table.by_code)
    kept_rows = frame.filter(pl.col("county").is_in(present) & (pl.col("town").is_in(present) | (pl.col("town") == "")))
    rows = kept_rows.group_by("name", "county", "town").agg(pl.col("count").sum()).sort("name", "county", "town")
    text, ends = TextRows.arrays(rows["name"])
    codes, numbers = numbered([*rows["county"], *rows["town"]])
    return named_rows(rows["name"].to_list()) | {
        "names": text,
        "ends": ends,
        "codes": codes,
        "county": numbers[: len(rows)],
        "town": numbers[len(rows) :],
        "count": rows["count"].to_numpy().astype(np.uint32),
    }


def named_rows(names: Sequence[str]) -> dict[str, NDArray[Any]]:
    """Return the ``numbers`` of the different names, ascending, and which ``rows`` each has, (names, 2).

    Args:
        names: of the rows; equal ones stand together.
    """
    begins = [row for row, name in enumerate(names) if not row or name != names[row - 1]]
    numbers = numbers_of([names[row] for row in begins])
    order = np.argsort(numbers, kind="stable")
    rows = np.array([begins, [*begins[1:], len(names)][: len(begins)]], dtype=np.int32).reshape(2, -1).T
    return {"numbers": numbers[order], "rows": rows[order]}


def check_memory(folder: Path | None) -> None:
    """Raise `UsageError` if a memory is named and there is no such folder; the default one may be missing.

    The null device is a memory that knows nothing.
    """
    if folder is not None and not folder.is_dir() and folder != Path(os.devnull):
        raise UsageError(f"--memory {folder}: no such folder; buqi places learn makes one")


@lru_cache(maxsize=4)
def load_memory(folder: Path | None = None) -> Memory:
    """Return the memory of a folder (`places_dir` if not given); an empty one where nothing was learnt.

    Raises:
        UsageError: no such folder.
        BuqiError: a file of it is broken.
    """
    check_memory(folder)
    root = folder or places_dir()
    found = sorted({path.parent for name in (NAMES, RECORD) for path in root.glob(f"[!.]*/{name}")})
    if lost := [folder / NAMES for folder in found if not (folder / NAMES).exists()]:
        raise BuqiError(f"{lost[0]}: missing; {BROKEN}")
    if not found:
        return empty_memory()
    source = _hash_of(found)
    arrays = kept("memory", source, lambda: _read(found))
    trained = [folder for folder in found if (folder / CLASSIFIER).exists()]
    _check(trained)  # of what is not a classifier the index holds all
    return Memory(arrays, [load_classifier(folder / CLASSIFIER) for folder in trained], source)


def _check(sources: Sequence[Path]) -> None:
    """Raise `BuqiError` where a file of a source is not what was written."""
    for folder in sources:
        from buqi.seal import check_seal  # loads pydantic, 0.1 s

        check_seal(folder, BROKEN)


def _hash_of(sources: Sequence[Path]) -> str:
    """Return a hash of the files of a memory. It is another one as soon as one of them is written anew."""
    digest = hashlib.sha256(shipped().encode())
    for path in (file for folder in sources for file in sorted(folder.iterdir())):
        about = path.stat()
        digest.update(f"{path} {about.st_size} {about.st_mtime_ns} {about.st_ino}\n".encode())
    return digest.hexdigest()[:24]


def _read(sources: Sequence[Path]) -> Arrays:
    """Check the files of a memory; return their rows as arrays."""
    import polars as pl

    _check(sources)
    frames = []
    for path in (folder / NAMES for folder in sources):
        try:
            with path.open("rb") as file:  # polars takes [1] in a name for a pattern of several files
                frames.append(pl.read_parquet(file).select(list(COLUMNS)).cast(schema()))  # type: ignore[arg-type]
        except (pl.exceptions.PolarsError, OSError) as error:
            raise BuqiError(f"{path}: broken ({error}); {BROKEN}") from error
    return memory_arrays(pl.concat(frames), load_table())


def empty_memory() -> Memory:
    """Return a memory that knows nothing."""
    none = np.zeros(0, dtype=np.int32)
    text, ends = TextRows.arrays(())
    arrays = named_rows(())
    arrays |= {"names": text, "ends": ends, "codes": packed(()), "county": none, "town": none, "count": none}
    return Memory(arrays)
