"""Short names of a county and of a town, landmark or road in it, side by side: 南山 蛇口, 增城新塘, 天河 体育西.

Each name alone may be anything. That one county has both tells where the address lies.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property, lru_cache
from typing import NamedTuple

from buqi.address.settled import COMMON_WORDS
from buqi.divisions import Matcher
from buqi.divisions.meaning import FORMER, FULL, SHORT, Meaning
from buqi.divisions.table import OVERSEAS
from buqi.divisions.text import Reading
from buqi.divisions.town_reader import GOES_ON
from buqi.divisions.words import HAN, ROADS
from buqi.expressions import expression
from buqi.gazetteer.landmarks import Landmarks, load_landmarks
from buqi.gazetteer.mapped_roads import load_roads

LONGEST_STEM = 6  # characters of a town's name without its kind
NEW_VILLAGE = "新村"  # 长风 for 长风新村街道
LIKE_ROAD = "路街道巷区站"  # what a town's name ends in that is a road's or a zone's too
COUNTY = 3  # its level
MOST_ABOVE = 2  # names of a province and a city that may stand before the county's
# What may follow the town where no separator does: a road or village with a name of its own, a house.
PLACE_BEHIND = expression(rf"(?![东西南北中]?(?:{ROADS}|村|镇|乡|区)){HAN}{{2,6}}?(?:{ROADS}|村|社区|小区|花园)|[0-9]")
# The name of a place that a house may follow.
PLACE = expression(rf"({HAN}{{2,8}}?)(?:[0-9]+[号弄].*)?")
ROAD = expression(rf"{HAN}{{2,}}(?:{ROADS})")
ROAD_KINDS = ("路", "大道", "大街", "街")  # what people leave out: 体育西 for 体育西路
FEW_CITIES = 3  # that have a road of two characters without its kind


class Pair(NamedTuple):
    """What two names tell.

    Attributes:
        code: of the town, or of the county where a landmark or road follows.
        end: where the text goes on behind the names that were read, in `Reading.plain`. A landmark or road is not read.
        former: the county's name as it is written, if it is a former one; else ``""``.
    """

    code: str
    end: int
    former: str = ""


class AgreeingNames:
    """Finds the county and town whose short names a text begins with.

    Args:
        matcher: knows the names.
    """

    def __init__(self, matcher: Matcher) -> None:
        self.lexicon, self.towns = matcher.lexicon, matcher.names.towns
        self._town = lru_cache(maxsize=2000)(self.towns.called)

    @cached_property
    def landmarks(self) -> Landmarks:
        """Cities by their landmarks."""
        return load_landmarks()

    def find(self, reading: Reading) -> Pair | None:
        """Return the pair that a text begins with; ``None`` if there is none, or two counties have one."""
        pairs = {pair.code: pair for pair in self._pairs(reading, 0, "", MOST_ABOVE)}
        if not pairs:
            return None  # nearly always
        found = [pair for pair in pairs.values() if len(pair.code) == 9] or list(pairs.values())
        return found[0] if len(found) == 1 else None

    def _pairs(self, reading: Reading, at: int, around: str, above: int) -> Iterator[Pair]:
        """Yield the pairs that stand at a position, with names of what is ``around`` them before them.

        Args:
            reading: the text.
            at: the position.
            around: code of the province or city that was read, ``""`` if none was.
            above: how many such names may still follow.
        """
        text = reading.plain
        for length, meanings in self.lexicon.starting(text, at):
            end = at + length
            for meaning in meanings:
                if meaning.level > COUNTY or not meaning.code.startswith(around) or meaning.code.startswith(OVERSEAS):
                    continue  # most are towns
                if meaning.level < COUNTY and above and len(meaning.code) > len(around):
                    yield from self._pairs(reading, end, meaning.code, above - 1)
                elif _is_county(meaning):
                    parted = end < len(text) and reading.parted(end)
                    pair = self._town_at(reading, end, meaning.code)
                    if pair is None and parted and self._has_place(text[end:], meaning.code, text[at:end]):
                        pair = Pair(meaning.code, end)
                    if pair is not None and not around and self._is_of_today(text, at, end, pair, meaning):
                        continue
                    if pair is not None and (around or parted or text[at:end] not in COMMON_WORDS):
                        yield pair._replace(former=text[at:end] * (meaning.kind == FORMER))

    def _is_of_today(self, text: str, at: int, end: int, pair: Pair, meaning: Meaning) -> bool:
        """Whether a county of today has a former name too, and the town may be a road: 向阳区西大街."""
        today = any(m.kind == FULL and m.level == 3 for m in self.lexicon.names.get(text[at:end], ()))
        return meaning.kind == FORMER and today and text[pair.end - 1] in LIKE_ROAD

    def _has_place(self, text: str, county: str, written: str) -> bool:
        """Whether a text is a landmark or road of a county's city; a road may lack its kind.

        Args:
            text: what stands behind the county's name.
            county: its code.
            written: its name as it is written. Behind a common word a road says nothing: 平安 人民路.
        """
        if any(county.startswith(city) for city in self.landmarks.names.get(text, ())):
            return True
        place = PLACE.fullmatch(text) if written not in COMMON_WORDS else None
        if place is None:
            return False
        roads, name = load_roads(), place[1]
        city = roads.city_of(county)
        if ROAD.fullmatch(name):
            return city in roads.cities.get(name, ())
        having = [roads.cities.get(name + kind, ()) for kind in ROAD_KINDS]
        return any(city in cities and (len(name) > 2 or len(cities) <= FEW_CITIES) for cities in having)

    def _town_at(self, reading: Reading, at: int, county: str) -> Pair | None:
        """Return the one town of a county whose name without its kind stands at a position, and nothing against it."""
        text = reading.plain
        stems = self.towns.stems_at(text, at, county)
        for length in range(min(LONGEST_STEM, len(text) - at), 1, -1) if stems else ():
            stem, end = text[at : at + length], at + length
            name = stem if stem in stems else stem + NEW_VILLAGE
            if name not in stems:
                continue
            if stem[-1] in LIKE_ROAD and (stem[-1] != "街" or end < len(text)):
                return None  # 武昌中南路2号: the road is meant, and not 中南路街道
            town = self._town(name, county)
            follows = end == len(text) or reading.parted(end) or PLACE_BEHIND.match(text, end)
            return Pair(town, end) if town and follows and GOES_ON.match(text, end) is None else None
        return None


def _is_county(meaning: Meaning) -> bool:
    return meaning.level == COUNTY and len(meaning.code) == 6 and meaning.kind in (SHORT, FORMER)
