"""Names of the table that stand further back in an address, or not in full: what they say about the county."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from buqi.divisions import Matcher
from buqi.divisions.join import stem
from buqi.divisions.known import Landmarks, Roads
from buqi.divisions.lexicon import ANY_ZONE, SHORT
from buqi.divisions.names import short_name
from buqi.divisions.zones import Zones
from buqi.places.names import place_names

NAMES = (
    "mention", "mention_short",  # a county or what is above it, in full or short
    "stem",  # a town without its kind at the front
    "front",  # a county's short name before a zone, where it is not read as the county: 浏阳工业园
    "mention_town", "town_zone",  # a town in full anywhere; without its kind before a zone: 张黄工业园区
    "mention_village", "mention_village_short",  # a village of three characters and more, of two
    "own",  # characters of the county's own name in names of roads: 昌大路 in 昌乐
    "zone",  # a zone by its own name: 东湖开发区
    "has_zone",  # a city that has a zone of the kind at the front: 高新区
    "road", "road_akin",  # a city that is known to have the road, or one named alike: 文一西路, 文一路
    "road_share",  # the same, divided among the cities that have it
    "landmark",  # a city that has the landmark: 五角场
    "zone_road",  # a city whose zone of the kind at the front has the road: 高新区科技路
    "zone_size",  # how large a city's zones of that kind are
)  # fmt: skip
MENTION, MENTION_SHORT, STEM, FRONT, TOWN, TOWN_ZONE, VILLAGE, VILLAGE_SHORT = range(8)
OWN, ZONE, HAS_ZONE, ROAD, ROAD_AKIN, ROAD_SHARE, LANDMARK, ZONE_ROAD, ZONE_SIZE = range(8, len(NAMES))
TOWN_END = re.compile(r"镇|乡|街道|苏木|办事处")
VILLAGE_END = re.compile(r"[村庄屯寨社居]|嘎查")
KEEPS_END = "庄屯寨"  # these belong to the name, the others are its kind
LONGEST, LONGEST_STEM = 8, 4
OWN_SCALE = 5.0
ALIKE = 0.6  # what a road named alike counts for

Found = dict[str, list[int]]  # numbers of the counties that have a name


class Mentions:
    """Looks for such names.

    Args:
        matcher: knows the names.
        below: numbers of the counties under each division.
    """

    def __init__(self, matcher: Matcher, below: dict[str, NDArray[np.int64]]) -> None:
        self.matcher, self.below = matcher, below
        self.number = matcher.evidence.number
        self.whole = matcher.evidence.whole

    def of(self, rest: str, text: str) -> NDArray[np.float64]:
        """Return what names say about each county: (counties, `NAMES`).

        Args:
            rest: the text behind the names that were read.
            text: all of it; 东湖 that was read as a county may begin a zone's name.
        """
        found = np.zeros((len(self.number), len(NAMES)))
        self._divisions(rest, found)
        for length in range(LONGEST_STEM, 1, -1):
            if counties := self.stems.get(rest[:length]):
                found[counties, STEM] = 1.0 / math.sqrt(len(counties))
                break
        self._front(rest, found)
        for end in TOWN_END.finditer(rest):
            self._longest(rest, end.start(), (end.group(), *SAME.get(end.group(), ())), TOWN, found)
        for end in VILLAGE_END.finditer(rest):
            kinds = (end.group(),) if end.group() in KEEPS_END else ("", end.group())
            self._longest(rest, end.start(), kinds, VILLAGE, found)
        self._before_zones(rest, found)
        if codes := self.zones.named(text):
            self._mark(codes, ZONE, 1.0 / math.sqrt(len(codes)), found)
        else:
            self._mark(self.zones.having(rest), HAS_ZONE, 1.0, found)
            for code, size in self.zones.large(rest).items():
                self._mark([code], ZONE_SIZE, size, found)
        names = place_names(rest)
        for name in names:
            having, itself = self.roads.of(name)
            self._mark(having, ROAD if itself else ROAD_AKIN, 1.0 / math.sqrt(max(len(having), 1)), found)
            if itself:
                self._mark(having, ROAD_SHARE, 1.0 / len(having), found)
        cities, itself = self.zones.with_road(rest, names)
        self._mark(cities, ZONE_ROAD, (1.0 if itself else ALIKE) / math.sqrt(max(len(cities), 1)), found)
        landmarks = self.landmarks.of(text)
        self._mark(landmarks, LANDMARK, 1.0 / max(len(landmarks), 1), found)
        for character in {character for name in names for character in name[:2]}:
            if counties := self.characters.get(character):
                found[counties, OWN] += math.log(len(self.number) / len(counties)) / OWN_SCALE
        return found

    def _divisions(self, rest: str, found: NDArray[np.float64]) -> None:
        at = 0
        while at < len(rest):
            step = 1
            for length, meanings in self.matcher.lexicon.starting(rest, at):
                usable = [m for m in meanings if m.level < 4 and self.matcher.may_be(rest, at + length, m, length)]
                for meaning in usable:
                    feature = MENTION if meaning.kind == "full" else MENTION_SHORT
                    if (under := self.below.get(self.matcher.table.county_of(meaning.code))) is not None:
                        found[under, feature] = 1.0
                if usable:
                    step = length
                    break
            at += step

    def common(self, name: str) -> int:
        """Return how many counties have a town or village of a county's short name: of 莲池 many, of 浏阳 few."""
        return len(self.whole.counties(name)) + len(self.stems.get(name, ()))

    def _front(self, rest: str, found: NDArray[np.float64]) -> None:
        for length, meanings in self.matcher.lexicon.starting(rest, 0):
            if any(m.kind == SHORT for m in meanings) and ANY_ZONE.match(rest, length):
                weight = 1.0 / math.sqrt(1 + self.common(rest[:length]))
                for meaning in meanings:
                    if (under := self.below.get(self.matcher.table.county_of(meaning.code))) is not None:
                        found[under, FRONT] = weight
                return

    def _mark(self, codes: Iterable[str], feature: int, value: float, found: NDArray[np.float64]) -> None:
        """Set a feature of all counties under some divisions."""
        for code in codes:
            if (under := self.below.get(code)) is not None:
                found[under, feature] = np.maximum(found[under, feature], value)

    def _longest(self, rest: str, end: int, kinds: Iterable[str], feature: int, found: NDArray[np.float64]) -> None:
        """Mark the counties with the longest name that ends at ``end`` and a kind behind it."""
        for begin in range(max(0, end - LONGEST), end):
            names = [rest[begin:end] + kind for kind in kinds]
            counties = [self.whole.counties(name) for name in names if len(name) > 1]
            if any(len(c) for c in counties):
                short = feature == VILLAGE and max(map(len, names)) - (len(names) > 1) < 3
                for numbers in counties:
                    found[numbers, VILLAGE_SHORT if short else feature] = 1.0
                return

    def _before_zones(self, rest: str, found: NDArray[np.float64]) -> None:
        at = 2
        while at < len(rest):
            zone = ANY_ZONE.match(rest, at)
            if zone is None:
                at += 1
                continue
            for length in range(min(LONGEST_STEM, at), 1, -1):
                counties = self.stems.get(rest[at - length : at])
                if counties and not ANY_ZONE.fullmatch(rest, at - length, zone.end()):
                    found[counties, TOWN_ZONE] = 1.0
                    break
            at = zone.end()

    @cached_property
    def zones(self) -> Zones:
        """Zones by name and by kind."""
        return Zones(self.matcher.table)

    @cached_property
    def roads(self) -> Roads:
        """Cities by the roads that they are known to have."""
        return Roads()

    @cached_property
    def landmarks(self) -> Landmarks:
        """Cities by the landmarks that they are known to have."""
        return Landmarks()

    @cached_property
    def stems(self) -> Found:
        """By the name of a town without its kind (磁灶 for 磁灶镇)."""
        found: dict[str, set[int]] = defaultdict(set)
        for town in self.matcher.table.at("town"):
            short = stem(town.name)
            if 2 <= len(short) <= LONGEST_STEM and short != town.name and town.parent in self.number:
                found[short].add(self.number[town.parent])
        return {name: sorted(counties) for name, counties in found.items()}

    @cached_property
    def characters(self) -> Found:
        """By the characters of the counties' short names."""
        found: dict[str, list[int]] = defaultdict(list)
        for code, number in self.number.items():
            division = self.matcher.table.by_code[code]
            for character in set(short_name(division.name)) if len(code) == 6 else ():
                found[character].append(number)
        return dict(found)


SAME = {"镇": ("街道",), "办事处": ("街道",)}  # most subdistricts were towns
