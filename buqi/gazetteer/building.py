"""Makes the shipped lists of places from lists of others: ``python -m buqi.gazetteer.building FOLDER``. Offline only.

``data/OPENSTREETMAP.md`` and ``data/PROVENANCE.md`` say where the sources come from.
"""

from __future__ import annotations

import csv
import gzip
import lzma
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from importlib import resources
from pathlib import Path

from buqi.divisions import Matcher, load_matcher
from buqi.divisions.stems import village_stem
from buqi.expressions import expression
from buqi.gazetteer.lists import MAPPED_ROADS, PLACES, city_code
from buqi.gazetteer.place_names import place_names

LONGEST, SHORTEST = 14, 3
# Names that every city has say nothing.
NO_PLACE = expression(r"第[一二三四五六七八九十]人民医院")
NO_NAME = expression(r"规划|未命名|无名|匝道|辅路|停车|高架$|立交|[国省县乡村]道$")
CHINESE = expression(r"[\u4e00-\u9fff]+(?:[0-9]+[\u4e00-\u9fff]+)?")
BRACKETS = expression(r"[（(【\[].*?[）)】\]]|[()（）]")
STATION_ENDING = expression(r"(?:火车|高铁)?站$")
# Files with the places of each kind.
SOURCES = {
    "university": ("moe_universities_2026", "ror_cn_orgs"),
    "station": ("railway_stations_12306",),
    "zone": ("nbs_functional_zones",),
    "village": ("traditional_villages_8155",),
    "scenic": ("scenic_5a",),
}
# Places that lie in several cities, of which the sources name one.
ALSO_IN = {"scenic": (("6325", "青海湖景区"), ("6328", "青海湖景区"))}
ROADS_OF_MAP = ("osm_roads_29_capitals", "osm_roads_small")
OFFICIAL_ROADS = ("shanghai_official_roads",)


class Placer:
    """Finds the codes of the places of a list. The list may name divisions as they were called in a former year."""

    def __init__(self, matcher: Matcher) -> None:
        self.matcher = matcher
        self.known: dict[str, str] = {}

    def code(self, row: dict[str, str], to_county: bool) -> str:
        """Return the code of a row's county, else of its city; ``""`` if the table has neither."""
        names = (row["province"], row["city"], row["county"] if to_county else "")
        text = "".join(dict.fromkeys(names))  # a municipality is its own city
        if text not in self.known:
            best = self.matcher.match(text).best
            self.known[text] = self.matcher.table.county_of(best.code) if best and not best.against else ""
        code = self.known[text]
        return code if to_county or len(code) <= 4 else city_code(self.matcher.table.path(code))


def rows_of(folder: Path, name: str) -> Iterator[dict[str, str]]:
    """Yield the rows of a list."""
    with gzip.open(folder / f"{name}.tsv.gz", "rt", encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)


def road_names(name: str) -> Iterator[str]:
    """Yield the names of roads in a name of a map: 电视塔路一段 gives 电视塔路."""
    for part in re.split(r"[;；/、，,\s·-]", BRACKETS.sub("", name)):
        found = place_names(part)[:1] if CHINESE.fullmatch(part) and not NO_NAME.search(part) else []
        yield from (road for road in found if part.startswith(road) and SHORTEST <= len(road) <= LONGEST)


def place_name(kind: str, name: str) -> str:
    """Return the name of a place as addresses have it; ``""`` if it cannot stand in one."""
    plain = BRACKETS.sub("", name).replace("·", "")
    if kind == "village":
        plain = village_stem(plain.rpartition("村委会")[2] or plain)
    if kind == "station":
        plain = STATION_ENDING.sub("", plain) + "站"
    if NO_PLACE.fullmatch(plain):
        return ""
    return plain if CHINESE.fullmatch(plain) and SHORTEST <= len(plain) <= LONGEST + 4 else ""


def pairs_of(folder: Path, kind: str, placer: Placer) -> Iterator[tuple[str, str]]:
    """Yield (code, name) of the places of a kind."""
    for source in SOURCES[kind]:
        for row in rows_of(folder, source):
            if source == "ror_cn_orgs" and not row["kind"].startswith(("org:education", "org:healthcare")):
                continue
            name = place_name(kind, row["name"])
            code = placer.code(row, to_county=kind in ("zone", "village"))
            if name and code:
                yield code, name
    yield from ALSO_IN.get(kind, ())


def roads_of(folder: Path, sources: Iterable[str], placer: Placer) -> Iterator[tuple[str, str]]:
    """Yield (code, road). The code is the county's where the list names one, else the city's."""
    for source in sources:
        for row in rows_of(folder, source):
            code, name = placer.code(row, to_county=bool(row["county"])), row["name"]
            if name.startswith(row["province"]) or (row["county"] and name.startswith(row["county"])):
                name = placer.matcher.match(row["province"] + row["county"] + name).detail
            yield from ((code, road) for road in road_names(name) if code)


def list_lines(pairs: Iterable[tuple[str, str]]) -> list[str]:
    """Return a line for each code, in order: the code, a tab, and its names in order."""
    found: dict[str, set[str]] = defaultdict(set)
    for code, name in pairs:
        found[code].add(name)
    return [f"{code}\t{' '.join(sorted(names))}" for code, names in sorted(found.items())]


def main(folder: Path) -> None:
    """Write the lists of the package from the sources in ``folder``."""
    placer = Placer(load_matcher())
    data = Path(str(resources.files("buqi.gazetteer").joinpath("data")))
    places = [f"{kind}\t{line}\n" for kind in SOURCES for line in list_lines(pairs_of(folder, kind, placer))]
    roads = [f"road\t{line}\n" for line in list_lines(roads_of(folder, OFFICIAL_ROADS, placer))]
    mapped = [f"{line}\n" for line in list_lines(roads_of(folder, ROADS_OF_MAP, placer))]
    for file, lines in ((PLACES, places + roads), (MAPPED_ROADS, mapped)):
        (data / file).write_bytes(lzma.compress("".join(lines).encode(), preset=9))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
