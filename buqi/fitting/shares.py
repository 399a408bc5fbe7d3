"""How often a kind of name tells the truth, counted in full addresses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Generic, TypeVar

from buqi.address.counties import Counties
from buqi.address.evidence import Resources
from buqi.divisions import DivisionPath, Matcher, Table
from buqi.fitting.command import read_table
from buqi.places.memory import empty_memory

Key = TypeVar("Key")
Names = tuple[str, str, str]  # of province, city and county
NameKey = tuple[str, str, int]  # kind, level, how common the name is
# A share of few names is close to that of all kinds, and that to a small one. They count as so many names.
OF_ALL, SMALL, OF_SMALL = 4.0, 0.05, 10.0


class Shares(Generic[Key]):
    """How many names of each key were seen, and how many of them were true."""

    def __init__(self) -> None:
        self.seen: Counter[Key] = Counter()
        self.true: Counter[Key] = Counter()

    def add(self, key: Key, true: bool) -> None:
        """Count a name."""
        self.seen[key] += 1
        self.true[key] += true

    def smoothed(self, keys: Iterable[Key], usual: float, weight: float) -> float:
        """Return the share of the names of ``keys`` that are true, smoothed by ``weight`` names with a usual share."""
        keys = list(keys)
        true, seen = (sum(counts[key] for key in keys) for counts in (self.true, self.seen))
        return (true + weight * usual) / (seen + weight)

    def share(self, key: Key, alike: Iterable[Key]) -> float:
        """Return the share of ``key``, smoothed by that of all keys ``alike``."""
        return self.smoothed([key], self.smoothed(alike, SMALL, OF_SMALL), OF_ALL)


def resources_of(matcher: Matcher) -> Resources:
    """Return what names are read with, without a memory."""
    return Resources(matcher, empty_memory(), Counties(matcher))


def names_of(path: DivisionPath) -> Names:
    """Return the names of a path's province, city and county; ``""`` where it has none."""
    return path.name("province"), path.name("city"), path.name("county")


def counties_of(table: Table) -> dict[Names, str]:
    """Return the code of each county by the names of its province, city and itself."""
    return {names_of(table.path(county.code)): county.code for county in table.at("county")}


def placed_addresses(path: Path, codes: Mapping[Names, str]) -> Iterator[tuple[str, str]]:
    """Yield the code and the rest of each full address whose names are in ``codes``.

    Args:
        path: a table with the columns province, city, county and rest.
        codes: of places by their names.

    Raises:
        UsageError: a column is missing.
    """
    for *names, rest in read_table(path, ("province", "city", "county", "rest")).iter_rows():
        if code := codes.get((names[0], names[1], names[2])):
            yield code, rest
