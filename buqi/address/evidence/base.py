"""What every kind of evidence is: a name, columns of features, and a method that fills them for an address."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from buqi.address.counties import KEPT, Counties
from buqi.address.marks import Marks, Values
from buqi.address.parsed import ParsedAddress
from buqi.divisions import Matcher, load_table
from buqi.divisions.stems import town_stem
from buqi.gazetteer.places import ListedPlaces
from buqi.gazetteer.zones import Zones
from buqi.indexes import NumberLists, kept_lists
from buqi.places.memory import Memory

Features = Mapping[str, Values]  # by the column's name
LIMIT = 12.0  # evidence beyond this says no more
LONGEST_STEM = 4


@dataclass(frozen=True)
class Column:
    """One feature of a county, and what else the model is to make of it.

    Attributes:
        name: by which the fitted numbers know it.
        times: columns whose product with it is a term too.
        above: what it has above this value is a term too.
        compared: the network is also told the highest value of all counties, and how far this one is below it.
        where: columns; the network is also told its value where any county has one of these, else 0.
        tells_presence: the network is also told whether any county has it.
    """

    name: str
    times: tuple[str, ...] = ()
    above: float | None = None
    compared: bool = False
    where: tuple[str, ...] = ()
    tells_presence: bool = False


@dataclass(frozen=True)
class Resources:
    """What evidence may draw on.

    Attributes:
        matcher: reads the names.
        memory: the user's; may be empty.
        counties: the counties by number.
    """

    matcher: Matcher
    memory: Memory
    counties: Counties

    @cached_property
    def town_stems(self) -> Mapping[str, list[int]]:
        """Numbers of the counties by the name of a town of theirs without its kind (磁灶 for 磁灶镇)."""
        if self.matcher.table is not load_table():
            return self._town_stems()
        made = kept_lists(
            "town-stems", lambda: {"stems": {k: list(map(str, v)) for k, v in self._town_stems().items()}}
        )
        return NumberLists(made["stems"])

    def _town_stems(self) -> dict[str, list[int]]:
        found: dict[str, set[int]] = defaultdict(set)
        for town in self.matcher.table.at("town"):
            short = town_stem(town.name)
            if 2 <= len(short) <= LONGEST_STEM and short != town.name and town.parent in self.counties.number:
                found[short].add(self.counties.number[town.parent])
        return {name: sorted(numbers) for name, numbers in found.items()}

    @cached_property
    def zones(self) -> Zones:
        """Development zones by name."""
        return Zones(self.matcher.table)

    @cached_property
    def listed_places(self) -> ListedPlaces:
        """Universities, stations, villages and scenic areas by name."""
        return ListedPlaces()

    @cached_property
    def namesakes(self) -> Callable[[str], int]:
        """Returns how many counties have a town or village of a county's short name: of 莲池 many, of 浏阳 few."""
        return lru_cache(maxsize=KEPT)(self._namesakes)

    def _namesakes(self, name: str) -> int:
        return len(self.matcher.small_names.whole.counties(name)) + len(self.town_stems.get(name, ()))


class EvidenceKind(ABC):
    """One kind of evidence: what in an address speaks for or against a county.

    Args:
        resources: what it may draw on.

    Attributes:
        columns: its features.
    """

    columns: ClassVar[tuple[Column, ...]]

    def __init__(self, resources: Resources) -> None:
        self.resources, self.counties = resources, resources.counties

    @abstractmethod
    def features(self, address: ParsedAddress) -> Features:
        """Return its columns by name; one that says nothing may be left out.

        A column is `Marks` where few counties have a value, an array (counties,) where most have one, and a number
        where all have the same.
        """

    def features_of_all(self, addresses: Sequence[ParsedAddress]) -> Sequence[Features]:
        """Return what `features` does for each of some addresses; for kinds that are faster with many at once."""
        return [self.features(address) for address in addresses]

    def marks(self) -> dict[str, Marks]:
        """Return columns of marks by name, each made when something is put into it."""
        return defaultdict(Marks)


def limited(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Limit values to `LIMIT` for or against a county, in place, and return them."""
    return np.clip(values, -LIMIT, LIMIT, out=values)
