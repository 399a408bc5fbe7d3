"""Kinds of rows that teach where places lie, a class each; `buqi.synthesis.shares` says how many are made of which.

A kind returns nothing for a place whose name alone would not tell where it is: no row may have an answer that its
input does not allow.
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
from buqi.synthesis.atlas import VILLAGE, VILLAGE_NAME, Atlas, Named, bare_village
from buqi.synthesis.characters import homophones, lookalikes, near_sounds
from buqi.synthesis.damage import Damaged, FullAddress, damage
from buqi.synthesis.unambiguous import read_elsewhere

Place = TypeVar("Place")
TOWN_SHARE, VILLAGE_SHARE = 0.55, 0.45  # of addresses that name a town, and of these a village
ENDINGS = ("村", "社区", "庄", "屯", "寨", "嘎查")  # names that need no word behind them
ZONE_NAMES = {
    "economic": ("经济技术开发区", "经济开发区", "经开区", "开发区"),
    "high-tech": ("高新区", "高新技术产业开发区", "高新技术开发区", "高新开发区"),
}
BESIDE = ("", "东门", "南门", "北门", "对面", "旁")  # what may follow a landmark


@dataclass(frozen=True)
class Made:
    """A row's input and answer, its kind, and the code of the place that the answer names."""

    kind: str
    text: str
    answer: str
    code: str


class Kind(ABC, Generic[Place]):
    """Makes rows of one kind, each of a place that is taken from a list of the atlas: in turn, or drawn.

    Args:
        turns: towns and counties by the list that they are taken from, each without end.
    """

    name: ClassVar[str]
    turn: ClassVar[str] = ""  # the list that its places are taken from in turn
    drawn: ClassVar[str] = ""  # the list that they are drawn from

    def __init__(self, atlas: Atlas, rng: random.Random, turns: Mapping[str, Iterator[Division]]) -> None:
        self.atlas, self.rng = atlas, rng
        self.places: Iterator[Any] = turns.get(self.turn, iter(()))

    def make(self) -> Made | None:
        """Return a row, or nothing where there is no place, or the one at hand does not allow one."""
        if self.drawn:
            listed = getattr(self.atlas, self.drawn)
            place = self.rng.choice(listed) if listed else None
        else:
            place = next(self.places, None)
        return None if place is None else self.of(place)

    @abstractmethod
    def of(self, place: Place) -> Made | None:
        """Return the row of a place."""

    def made(self, text: str, answer: str, code: str) -> Made:
        """Return a row of this kind."""
        return Made(self.name, text, answer, code)

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

    turns_of: ClassVar[dict[str, str]] = {
        "town_first": "lone_towns",
        "former": "renamed_counties",
        "missing": "long_counties",
    }

    def __init__(self, kind: str, atlas: Atlas, rng: random.Random, turns: Mapping[str, Iterator[Division]]) -> None:
        super().__init__(atlas, rng, turns)
        self.kind, self.places = kind, turns[self.turns_of.get(kind, "counties")]

    def of(self, place: Division) -> Made:
        """Return an address, damaged."""
        address = self._whole(place)
        done = Damaged("none", address.text, address.text)
        if self.kind != "none":
            done = damage(address, self.kind, self.rng)
        return Made(done.kind, done.text, done.answer, self.atlas.table.county_of(address.path.divisions[-1].code))

    def _whole(self, place: Division) -> FullAddress:
        if place.level == "town":
            return self.address(self.atlas.table.by_code[place.parent], place)
        towns = self.atlas.table.children.get(place.code, [])
        return self.address(place, self.rng.choice(towns) if towns and self.rng.random() < TOWN_SHARE else None)


class SharedCounty(Kind[Division]):
    """A county whose name others have, with a town that tells which: 鼓楼区华侨路街道…."""

    name = "shared_county"
    turn = "shared_counties"

    def of(self, county: Division) -> Made | None:
        """Return one whose town no county of the name but it has."""
        town = self.rng.choice(self.atlas.table.children[county.code])
        others = [d for d in self.atlas.counties_named[county.name] if d.code != county.code]
        if any(t.name == town.name for d in others for t in self.atlas.table.children.get(d.code, ())):
            return None
        address = self.address(county, town)
        return self.made(county.name + address.tail, address.text, county.code)


class TownVillage(Kind[Division]):
    """A town whose name others have, with a village that tells which: 城关镇南坛村…."""

    name = "town_village"
    turn = "shared_towns"

    def of(self, town: Division) -> Made | None:
        """Return one whose village no town of the name but it has."""
        village = self.rng.choice(self.atlas.table.village_names(town.code))
        bare = bare_village(village)
        others = (t for t in self.atlas.towns_named[town.name] if t.code != town.code)
        if len(bare) < 2 or any(_begin_alike(bare, other) for t in others for other in self.atlas.stems(t.code)):
            return None
        rest = town.name + named_village(village) + streets.number(self.rng)
        return self.made(rest, self.atlas.path(self.atlas.table.by_code[town.parent]).full + rest, town.parent)


class VillageFirst(Kind[tuple[str, Division]]):
    """A long name of a village that no other has. The answer names the county and keeps the text."""

    name = "village_first"
    drawn = "long_villages"

    def of(self, place: tuple[str, Division]) -> Made | None:
        """Return a village with a number behind it."""
        name, town = place
        if read_elsewhere(name, town.code):
            return None
        text = name + (VILLAGE if self.rng.random() < 0.7 else "") + streets.number(self.rng)
        return self.made(text, self.atlas.path(self.atlas.table.by_code[town.parent]).full + text, town.parent)


class TownShort(Kind[Division]):
    """A short county with a short town: 扶风法门…. The answer keeps the town as it is written."""

    name = "town_short"
    turn = "lone_towns"

    def of(self, town: Division) -> Made | None:
        """Return one of a town whose name is still one when it is shortened."""
        if not 1 < len(town_stem(town.name)) < len(town.name):
            return None
        county = self.atlas.table.by_code[town.parent]
        rest = town_stem(town.name) + self.detail(town)
        return self.made(self.atlas.short_head(county) + rest, self.atlas.path(county).full + rest, county.code)


class TownTypo(Kind[Division]):
    """A county with a mistyped town: 扶风县法们镇…."""

    name = "town_typo"
    turn = "lone_towns"

    def of(self, town: Division) -> Made | None:
        """Return one whose wrong name is no town of the country."""
        alike = self.rng.choice((homophones, lookalikes, near_sounds))()
        at = self.rng.randrange(max(1, len(town_stem(town.name))))
        others = alike.get(town.name[at], ())
        wrong = town.name[:at] + self.rng.choice(others) + town.name[at + 1 :] if others else ""
        if not wrong or wrong in self.atlas.towns_named:
            return None
        county = self.atlas.table.by_code[town.parent]
        rest, above = self.detail(town), self.atlas.path(county).full
        return self.made(self.atlas.sure_head(county) + wrong + rest, above + town.name + rest, county.code)


class Listed(Kind[Place]):
    """A name of a list. Where it alone would not tell its city, the city stands before it."""

    def at_place(self, named: Named, text: str) -> Made:
        """Return ``text``, which holds a name of a list, with its place."""
        division = self.atlas.table.by_code[named.code]
        alone = named.alone and self.rng.random() < 0.85 and not read_elsewhere(named.name, named.code)
        head = "" if alone else self._head(division)
        return self.made(head + text, self.atlas.path(division).full + text, named.code)

    def _head(self, division: Division) -> str:
        return self.atlas.sure_head(division) if division.level == "county" else division.name


class KnownRoad(Listed[Named]):
    """A road that one city is known to have: 文一西路…."""

    name = "known_road"
    drawn = "roads"

    def of(self, road: Named) -> Made:
        """Return a road with a number and sometimes a shop."""
        shop = streets.business(self.rng) if self.rng.random() < 0.3 else ""
        return self.at_place(road, road.name + streets.number(self.rng) + shop)


class ZoneRoad(Listed[tuple[str, Named]]):
    """A road in a zone without a name of its own: 高新区硅谷大街…."""

    name = "zone_road"
    drawn = "zone_roads"

    def of(self, place: tuple[str, Named]) -> Made:
        """Return the zone and the road."""
        kind, road = place
        return self.at_place(road, self.rng.choice(ZONE_NAMES[kind]) + road.name + streets.number(self.rng))


class Landmark(Listed[Named]):
    """A university, works, market or part of a city: 五角场…."""

    name = "landmark"
    drawn = "landmarks"

    def of(self, mark: Named) -> Made:
        """Return a landmark with a gate or number."""
        return self.at_place(mark, mark.name + self.rng.choice((*BESIDE, streets.number(self.rng))))


class Zone(Listed[Named]):
    """A zone by its name: 松山湖高新区…."""

    name = "zone"
    drawn = "zones"

    def of(self, zone: Named) -> Made:
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
