"""Kinds of rows that teach where places lie, a class each; `buqi.synthesis.shares` says how many are made of which.

A kind returns nothing for a place whose name does not tell where it is: no row may have an answer that its input does
not allow.
"""

from __future__ import annotations

import random
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

from buqi.divisions import Division, DivisionPath
from buqi.divisions.stems import town_stem, village_stem
from buqi.synthesis import streets
from buqi.synthesis.atlas import VILLAGE, VILLAGE_NAME, Atlas, ListedName, bare_village
from buqi.synthesis.characters import homophones, lookalikes, near_sounds
from buqi.synthesis.damage import Damaged, FullAddress, damage
from buqi.synthesis.unambiguous import read_elsewhere

Place = TypeVar("Place")
TOWN_SHARE = 0.55  # of addresses name a town
VILLAGE_SHARE = 0.45  # of these name a village
ENDINGS = ("村", "社区", "庄", "屯", "寨", "嘎查")  # names that need no word behind them
ZONE_NAMES = {
    "economic": ("经济技术开发区", "经济开发区", "经开区", "开发区"),
    "high-tech": ("高新区", "高新技术产业开发区", "高新技术开发区", "高新开发区"),
}
BESIDE = ("", "东门", "南门", "北门", "对面", "旁")  # what may follow a landmark


@dataclass(frozen=True)
class MadeRow:
    """A row's input and answer, its kind, and the code of the place that the answer names."""

    kind: str
    text: str
    answer: str
    code: str


class Kind(ABC, Generic[Place]):
    """Makes rows of one kind, each of a place that is taken from a list of the atlas: in turn, or drawn.

    Args:
        turns: places by the name of the atlas's list with them; each goes on without end.
    """

    name: ClassVar[str]
    turn: ClassVar[str] = ""  # name of the atlas's list from which places are taken in turn
    drawn: ClassVar[str] = ""  # name of the list from which they are drawn

    def __init__(self, atlas: Atlas, rng: random.Random, turns: Mapping[str, Iterator[Division]]) -> None:
        self.atlas, self.rng = atlas, rng
        self.places: Iterator[Any] = turns.get(self.turn, iter(()))

    def make(self) -> MadeRow | None:
        """Return a row; nothing where there is no place, or its name does not tell where it is."""
        if self.drawn:
            listed = getattr(self.atlas, self.drawn)
            place = self.rng.choice(listed) if listed else None
        else:
            place = next(self.places, None)
        return None if place is None else self.row_of(place)

    @abstractmethod
    def row_of(self, place: Place) -> MadeRow | None:
        """Return the row of a place."""

    def row(self, text: str, answer: str, code: str) -> MadeRow:
        """Return a row of this kind."""
        return MadeRow(self.name, text, answer, code)

    def detail(self, town: Division | None) -> str:
        """Return what follows a town or county: a village of it, a road, an estate; a number."""
        rng = self.rng
        villages = self.atlas.table.village_names(town.code) if town and rng.random() < VILLAGE_SHARE else []
        village = self.village(rng.choice(villages)) if villages else ""
        if village and rng.random() < 0.5:
            return village + streets.number(rng)
        if rng.random() < 0.1:
            return village + streets.road(rng) + streets.number(rng) + streets.business(rng)
        return village + streets.place(rng) + streets.number(rng)

    def village(self, whole: str) -> str:
        """Return a village as people write it, in half of the cases with what it is."""
        return named_village(whole) if self.rng.random() < 0.5 else village_stem(whole)

    def address(self, county: Division, town: Division | None = None) -> FullAddress:
        """Return an address in a county, or in the town that is named."""
        path = self.atlas.path(county)
        return FullAddress(DivisionPath((*path.divisions, town)) if town else path, self.detail(town))


class DamagedAddress(Kind[Division]):
    """What `buqi.synthesis.damage` does to an address; ``none`` leaves it whole."""

    TURNS: ClassVar[dict[str, str]] = {  # the list for a kind of damage, where it is not that of the counties
        "town_first": "unique_towns",
        "former": "renamed_counties",
        "missing": "long_counties",
    }

    def __init__(self, kind: str, atlas: Atlas, rng: random.Random, turns: Mapping[str, Iterator[Division]]) -> None:
        super().__init__(atlas, rng, turns)
        self.kind, self.places = kind, turns[self.TURNS.get(kind, "counties")]

    def row_of(self, place: Division) -> MadeRow:
        """Return an address, damaged."""
        address = self._whole(place)
        done = Damaged("none", address.text, address.text)
        if self.kind != "none":
            done = damage(address, self.kind, self.rng)
        return MadeRow(done.kind, done.text, done.answer, self.atlas.table.county_of(address.path.divisions[-1].code))

    def _whole(self, place: Division) -> FullAddress:
        if place.level == "town":
            return self.address(self.atlas.table.by_code[place.parent], place)
        towns = self.atlas.table.children.get(place.code, [])
        return self.address(place, self.rng.choice(towns) if towns and self.rng.random() < TOWN_SHARE else None)


class SharedCounty(Kind[Division]):
    """A county whose name others have, with a town that tells which: 鼓楼区华侨路街道…."""

    name = "shared_county"
    turn = "shared_counties"

    def row_of(self, county: Division) -> MadeRow | None:
        """Return a row with a town that no other county of the same name has."""
        town = self.rng.choice(self.atlas.table.children[county.code])
        others = [d for d in self.atlas.counties_named[county.name] if d.code != county.code]
        if any(t.name == town.name for d in others for t in self.atlas.table.children.get(d.code, ())):
            return None
        address = self.address(county, town)
        return self.row(county.name + address.tail, address.text, county.code)


class TownVillage(Kind[Division]):
    """A town whose name others have, with a village that tells which: 城关镇南坛村…."""

    name = "town_village"
    turn = "shared_towns"

    def row_of(self, town: Division) -> MadeRow | None:
        """Return a row with a village that no other town of the same name has."""
        village = self.rng.choice(self.atlas.table.village_names(town.code))
        bare = bare_village(village)
        others = (t for t in self.atlas.towns_named[town.name] if t.code != town.code)
        if len(bare) < 2 or any(_begin_alike(bare, other) for t in others for other in self.atlas.stems(t.code)):
            return None
        rest = town.name + named_village(village) + streets.number(self.rng)
        return self.row(rest, self.atlas.path(self.atlas.table.by_code[town.parent]).full + rest, town.parent)


class VillageFirst(Kind[tuple[str, Division]]):
    """A long name of a village that no other has. The answer names the county and keeps the text."""

    name = "village_first"
    drawn = "long_villages"

    def row_of(self, place: tuple[str, Division]) -> MadeRow | None:
        """Return a village with a number behind it."""
        name, town = place
        if read_elsewhere(name, town.code):
            return None
        text = name + (VILLAGE if self.rng.random() < 0.7 else "") + streets.number(self.rng)
        return self.row(text, self.atlas.path(self.atlas.table.by_code[town.parent]).full + text, town.parent)


class TownShort(Kind[Division]):
    """A short county with a short town: 扶风法门…. The answer keeps the town as it is written."""

    name = "town_short"
    turn = "unique_towns"

    def row_of(self, town: Division) -> MadeRow | None:
        """Return a row, unless the town's name has no short form of two characters or more."""
        if not 1 < len(town_stem(town.name)) < len(town.name):
            return None
        county = self.atlas.table.by_code[town.parent]
        rest = town_stem(town.name) + self.detail(town)
        return self.row(self.atlas.short_head(county) + rest, self.atlas.path(county).full + rest, county.code)


class TownTypo(Kind[Division]):
    """A county with a mistyped town: 扶风县法们镇…."""

    name = "town_typo"
    turn = "unique_towns"

    def row_of(self, town: Division) -> MadeRow | None:
        """Return a row, unless the wrong name is that of another town in the country."""
        alike = self.rng.choice((homophones, lookalikes, near_sounds))()
        at = self.rng.randrange(max(1, len(town_stem(town.name))))
        others = alike.get(town.name[at], ())
        wrong = town.name[:at] + self.rng.choice(others) + town.name[at + 1 :] if others else ""
        if not wrong or wrong in self.atlas.towns_named:
            return None
        county = self.atlas.table.by_code[town.parent]
        rest, above = self.detail(town), self.atlas.path(county).full
        return self.row(self.atlas.sure_head(county) + wrong + rest, above + town.name + rest, county.code)


class Listed(Kind[Place]):
    """A name of a list. The city stands before it where the name does not tell the city, and in 15 % of the others."""

    def at_place(self, named: ListedName, text: str) -> MadeRow:
        """Return ``text``, which holds a name of a list, with its place."""
        division = self.atlas.table.by_code[named.code]
        alone = named.unique and self.rng.random() < 0.85 and not read_elsewhere(named.name, named.code)
        head = "" if alone else self._head(division)
        return self.row(head + text, self.atlas.path(division).full + text, named.code)

    def _head(self, division: Division) -> str:
        return self.atlas.sure_head(division) if division.level == "county" else division.name


class KnownRoad(Listed[ListedName]):
    """A road that one city is known to have: 文一西路…."""

    name = "known_road"
    drawn = "roads"

    def row_of(self, road: ListedName) -> MadeRow:
        """Return a road with a number and sometimes a shop."""
        shop = streets.business(self.rng) if self.rng.random() < 0.3 else ""
        return self.at_place(road, road.name + streets.number(self.rng) + shop)


class ZoneRoad(Listed[tuple[str, ListedName]]):
    """A road in a zone without a name of its own: 高新区硅谷大街…."""

    name = "zone_road"
    drawn = "zone_roads"

    def row_of(self, place: tuple[str, ListedName]) -> MadeRow:
        """Return the zone and the road."""
        kind, road = place
        return self.at_place(road, self.rng.choice(ZONE_NAMES[kind]) + road.name + streets.number(self.rng))


class Landmark(Listed[ListedName]):
    """A university, works, market or part of a city: 五角场…."""

    name = "landmark"
    drawn = "landmarks"

    def row_of(self, mark: ListedName) -> MadeRow:
        """Return a landmark with a gate or number."""
        return self.at_place(mark, mark.name + self.rng.choice((*BESIDE, streets.number(self.rng))))


class Zone(Listed[ListedName]):
    """A zone by its name: 松山湖高新区…."""

    name = "zone"
    drawn = "zones"

    def row_of(self, zone: ListedName) -> MadeRow:
        """Return a zone and a road in it."""
        return self.at_place(zone, zone.name + streets.road(self.rng) + streets.number(self.rng))


TEACHING: tuple[type[Kind[Any]], ...] = (
    *(SharedCounty, TownVillage, VillageFirst, TownShort, TownTypo),
    *(KnownRoad, ZoneRoad, Landmark, Zone),
)


def _begin_alike(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)


def named_village(whole: str) -> str:
    """Return a village with the word that says what it is: 罗家村村民委员会 → 罗家村, 中央路社区居委会 → 中央路社区."""
    name = village_stem(whole)
    if name.endswith(ENDINGS):
        return name
    return name + ("村" if VILLAGE_NAME.search(whole) else "社区")
