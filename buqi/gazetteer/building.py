"""Makes the lists of places from lists that may be shipped: ``python -m buqi.gazetteer.building FOLDER``. Offline only.

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
from buqi.gazetteer.lists import MAPPED_ROADS, PLACES, city_code
from buqi.gazetteer.place_names import place_names

LONGEST, SHORTEST = 14, 3
# Names that stand in every city say nothing; they are left out.
NO_PLACE = re.compile(r"第[一二三四五六七八九十]人民医院")
NO_NAME = re.compile(r"规划|未命名|无名|匝道|辅路|停车|高架$|立交|[国省县乡村]道$")
CHINESE = re.compile(r"[\u4e00-\u9fff]+(?:[0-9]+[\u4e00-\u9fff]+)?")
BRACKETS = re.compile(r"[（(【\[].*?[）)】\]]|[()（）]")
STATION_ENDING = re.compile(r"(?:火车|高铁)?站$")
# sources of each kind of place
SOURCES = {
    "university": ("moe_universities_2026", "ror_cn_orgs"),
    "station": ("railway_stations_12306",),
    "zone": ("nbs_functional_zones",),
    "village": ("traditional_villages_8155",),
    "scenic": ("scenic_5a",),
}
# A place that lies in several cities; the sources name one.
ALSO_IN = {"scenic": (("6325", "青海湖景区"), ("6328", "青海湖景区"))}
ROADS_OF_MAP = ("osm_roads_29_capitals", "osm_roads_small")
OFFICIAL_ROADS = ("shanghai_official_roads",)


class Placer:
    """Finds the code of the places of a list, whose names may be those of a former year."""

    def __init__(self, matcher: Matcher) -> None:
        self.matcher = matcher
        self.known: dict[str, str] = {}

    def code(self, row: dict[str, str], to_county: bool) -> str:
        """Return the code of a row's county, else of its city; ``""`` if the table has neither."""
        names = [row["province"]] + [n for n in (row["city"],) if n != row["province"]]
        if to_county and row["county"] not in names:
            names.append(row["county"])
        text = "".join(names)
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
    """Yield (code, road); where a list names the county it is that of the county."""
    for source in sources:
        for row in rows_of(folder, source):
            code, name = placer.code(row, to_county=bool(row["county"])), row["name"]
            if name.startswith(row["province"]) or (row["county"] and name.startswith(row["county"])):
                name = placer.matcher.match(row["province"] + row["county"] + name).detail
            yield from ((code, road) for road in road_names(name) if code)


def written(pairs: Iterable[tuple[str, str]]) -> str:
    """Return the lines of a list: code, tab, names in order."""
    found: dict[str, set[str]] = defaultdict(set)
    for code, name in pairs:
        found[code].add(name)
    return "".join(f"{code}\t{' '.join(sorted(names))}\n" for code, names in sorted(found.items()))


def main(folder: Path) -> None:
    """Write the lists of the package from the sources in ``folder``."""
    placer = Placer(load_matcher())
    data = Path(str(resources.files("buqi.gazetteer").joinpath("data")))
    parts = [f"{kind}\t{line}\n" for kind in SOURCES for line in written(pairs_of(folder, kind, placer)).splitlines()]
    parts += [f"road\t{line}\n" for line in written(roads_of(folder, OFFICIAL_ROADS, placer)).splitlines()]
    (data / PLACES).write_bytes(lzma.compress("".join(parts).encode(), preset=9))
    (data / MAPPED_ROADS).write_bytes(lzma.compress(written(roads_of(folder, ROADS_OF_MAP, placer)).encode(), preset=9))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
