"""Listed universities, stations, airports, villages and scenic areas: where they stand in a text, where they lie."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from buqi.expressions import expression
from buqi.gazetteer.lists import AIRPORTS, PLACES, SCENIC, lines_of
from buqi.indexes import Lists, kept_lists

KINDS = ("university", "station", "village", "scenic", "airport")
# Farms are listed among the zones. 一农场 is no name of its own.
FARM, FARM_LEAST = "场", 4
SCENIC_KIND = expression(
    r"(?:古镇|古城)?(?:国家|旅游|风景|名胜|生态|文化|度假|景)*(?:景?区)$|(?:景区|旅游区|度假区|古镇|古城)$"
)
SCENIC_ALONE = 3  # characters of a name that needs no word behind it: 五台山南禅寺, 故宫博物院
# What may follow a scenic place: 乌镇西栅景区. 黄龙洞 is another place than 黄龙.
SCENIC_BEHIND = expression(
    r"(?![洞寺潭湖山峡谷沟泉岛岩崖塔])[\u4e00-\u9fff]{0,4}(?:景区|旅游|风景|度假|游客|古镇|古城)"
)
KEPT = 1000  # texts whose places are kept
KEPT_BEGINNINGS = 10_000  # all that the shipped lists have
COUNTY_ENDS = ("市", "县", "区", "旗")  # a division may have the name of a scenic place
BEGINNING = 2  # characters that the names are found by
PART = "|"
STATION_WRITTEN = expression(r"(?:火车|高铁|动车)?站(?![点台前])")  # 杭州东火车站 for 杭州东站
AIRPORT_BEHIND = expression("(?:国际)?机场")
# What must stand behind a name of these kinds.
BEHIND = {"station": STATION_WRITTEN, "scenic": SCENIC_BEHIND, "airport": AIRPORT_BEHIND}
# What follows a name that something else is named after: 北京大学路 is no university.
OTHER_NAME = expression(r"[东南西北中一二三四五六七八九十]?(?:路|大?街(?!道)|大道|巷|弄|村|镇|乡|小区|花园|社区)")


class NamedPlace(NamedTuple):
    """A listed place in a text.

    Attributes:
        at: where it begins.
        kind: one of `KINDS`.
        codes: of the cities or counties that have a place of this name.
        alone: whether it is a scenic place and no word behind the name says so.
    """

    at: int
    kind: str
    codes: tuple[str, ...]
    alone: bool


class ListedPlaces:
    """Places by their names.

    Args:
        listed: kind, code and name; those of the shipped lists if not given.

    Attributes:
        find: returns the places that a text names; the longest of those that overlap.
    """

    def __init__(self, listed: Iterable[tuple[str, str, str]] | None = None) -> None:
        self.by_beginning: Lists = (
            kept_lists("places", lambda: {"places": by_beginning(load_places())})["places"]
            if listed is None
            else by_beginning(listed)
        )
        self._beginnings = frozenset(self.by_beginning)
        self._places_beginning = lru_cache(maxsize=KEPT_BEGINNINGS)(self._taken_apart)
        self.find = lru_cache(maxsize=KEPT)(self._find)

    def first(self, text: str) -> int | None:
        """Return where the first university or station of ``text`` begins, ``None`` if it names none."""
        return next((place.at for place in self.find(text) if place.kind in ("university", "station")), None)

    def _find(self, text: str) -> tuple[NamedPlace, ...]:
        """Return the places that ``text`` names; the longest of those that overlap."""
        found, at = [], 0
        while at < len(text) - 1:
            beginning = text[at : at + BEGINNING]
            for kind, name, codes in self._places_beginning(beginning) if beginning in self._beginnings else ():
                if text.startswith(name, at) and (end := self._end(text, at, name, kind)):
                    alone = kind == "scenic" and end == at + len(name)
                    found.append(NamedPlace(at, kind, codes, alone))
                    at = end - 1
                    break
            at += 1
        return tuple(found)

    def _taken_apart(self, beginning: str) -> list[tuple[str, str, tuple[str, ...]]]:
        """Return kind, name and codes of the places that begin so."""
        cells = (place.split(PART) for place in self.by_beginning[beginning])
        return [(kind, name, tuple(codes.split(","))) for kind, name, codes in cells]

    @staticmethod
    def _end(text: str, at: int, name: str, kind: str) -> int:
        """Return where the place ends whose name begins at ``at``; 0 if the text names something else."""
        end = at + len(name)
        if behind := BEHIND.get(kind):
            written = behind.match(text, end)
            enough = kind == "scenic" and len(name) >= SCENIC_ALONE and not text.startswith(COUNTY_ENDS, end)
            if written is None and not enough:
                return 0
            end = written.end() if written else end
        return 0 if OTHER_NAME.match(text, end) else end


def by_beginning(listed: Iterable[tuple[str, str, str]]) -> dict[str, list[str]]:
    """Return places by the first characters of their names, the longest names first.

    A place is one text: its kind, its name, and the codes of all places of that name, with a `PART` between each.
    """
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for kind, code, name in listed:
        own = name.removesuffix("站") if kind == "station" else name
        found[kind, SCENIC_KIND.sub("", own) if kind == "scenic" else own].add(code)
    places: dict[str, list[str]] = defaultdict(list)
    for (kind, name), codes in sorted(found.items(), key=lambda item: -len(item[0][1])):
        if len(name) >= BEGINNING:
            deepest = [code for code in sorted(codes) if not any(c != code and c.startswith(code) for c in codes)]
            places[name[:BEGINNING]].append(PART.join((kind, name, ",".join(deepest))))
    return places


def load_places() -> Iterable[tuple[str, str, str]]:
    """Yield (kind, code, name) of the places of the shipped lists."""
    for code, names in lines_of(AIRPORTS):
        yield from (("airport", code, name) for name in names.split())
    for code, names in lines_of(SCENIC):
        yield from (("scenic", code, name) for name in names.split())
    for kind, code, names in lines_of(PLACES):
        if kind in KINDS:
            yield from ((kind, code, name) for name in names.split())
        elif kind == "zone":
            farms = (name for name in names.split() if name.endswith(FARM) and len(name) >= FARM_LEAST)
            yield from (("village", code, name) for name in farms)
