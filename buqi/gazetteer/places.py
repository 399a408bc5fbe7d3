"""Universities, stations, villages and scenic areas of official lists, by the city or county that they lie in."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable

from buqi.gazetteer.lists import PLACES, lines_of
from buqi.indexes import Lists, kept_lists

KINDS = ("university", "station", "village", "scenic")
FARM, FARM_LEAST = "场", 4  # farms are listed among the zones; 一农场 is no name of its own
SCENIC_KIND = re.compile(r"(?:国家|旅游|风景|名胜|生态|文化|度假|景)*(?:景?区)$|(?:景区|旅游区|度假区)$")
SCENIC_BEHIND = re.compile(r"[\u4e00-\u9fff]{0,4}(?:景区|旅游|风景|度假|游客|古镇|古城)")  # 乌镇西栅景区
BEGINNING = 2  # characters that the names are found by
PART = "|"
STATION, STATION_WRITTEN = "站", re.compile(r"(?:火车|高铁|动车)?站(?![点台前])")  # 杭州东火车站 for 杭州东站
# What the name of something else adds to a name: 北京大学路 is no university.
OTHER_NAME = re.compile(r"[东南西北中一二三四五六七八九十]?(?:路|大?街(?!道)|大道|巷|弄|村|镇|乡|小区|花园|社区)")


class ListedPlaces:
    """Places by their names.

    Args:
        listed: kind, code and name; those of the shipped lists if not given.
    """

    def __init__(self, listed: Iterable[tuple[str, str, str]] | None = None) -> None:
        self.by_beginning: Lists = (
            kept_lists("places", lambda: {"places": by_beginning(load_places())})["places"]
            if listed is None
            else by_beginning(listed)
        )

    def first(self, text: str) -> int | None:
        """Return where the first university or station of ``text`` begins, ``None`` if it names none."""
        return next((at for at, kind, _ in self.find(text) if kind in ("university", "station")), None)

    def find(self, text: str) -> list[tuple[int, str, tuple[str, ...]]]:
        """Return (where, kind, codes) of the places that ``text`` names; the longest of those that overlap."""
        found, at = [], 0
        while at < len(text) - 1:
            for place in self.by_beginning.get(text[at : at + BEGINNING], ()):
                kind, name, codes = place.split(PART)
                if text.startswith(name, at) and (end := self._end(text, at + len(name), kind)):
                    found.append((at, kind, tuple(codes.split(","))))
                    at = end - 1
                    break
            at += 1
        return found

    @staticmethod
    def _end(text: str, end: int, kind: str) -> int:
        """Return where a place's name ends that goes to ``end`` at least; 0 if something else is named after it."""
        if behind := {"station": STATION_WRITTEN, "scenic": SCENIC_BEHIND}.get(kind):
            written = behind.match(text, end)
            end = written.end() if written else 0
        return 0 if end and OTHER_NAME.match(text, end) else end


def by_beginning(listed: Iterable[tuple[str, str, str]]) -> dict[str, list[str]]:
    """Return places, the longest names first, by how they begin: kind, name and codes with a `PART` between."""
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for kind, code, name in listed:
        own = name.removesuffix(STATION) if kind == "station" else name
        found[kind, SCENIC_KIND.sub("", own) if kind == "scenic" else own].add(code)
    places: dict[str, list[str]] = defaultdict(list)
    for (kind, name), codes in sorted(found.items(), key=lambda item: -len(item[0][1])):
        if len(name) >= BEGINNING:
            places[name[:BEGINNING]].append(PART.join((kind, name, ",".join(sorted(codes)))))
    return places


def load_places() -> Iterable[tuple[str, str, str]]:
    """Yield (kind, code, name) of the places of the shipped lists."""
    for kind, code, names in lines_of(PLACES):
        if kind in KINDS:
            yield from ((kind, code, name) for name in names.split())
        elif kind == "zone":
            farms = (name for name in names.split() if name.endswith(FARM) and len(name) >= FARM_LEAST)
            yield from (("village", code, name) for name in farms)
