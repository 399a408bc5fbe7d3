"""Development zones: where one of a name lies, and which places have one of a kind.

An address in a zone often names neither county nor city: 东湖开发区华光大道18号, 高新区硅谷大街1198号. The names come
from ``data/zones.tsv`` and from the zones among the former names; ``data/zone_roads.tsv`` has roads that lie in zones
without a name of their own; ``data/zone_sizes.tsv`` says how large a city's zones of a kind are.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from buqi.divisions.names import short_names
from buqi.divisions.stems import road_stem
from buqi.divisions.table import MUNICIPALITIES, Table, load_former, load_table
from buqi.divisions.words import ZONE_KIND
from buqi.expressions import expression
from buqi.gazetteer.lists import PLACES, ZONE_ROADS, ZONE_SIZES, ZONES, in_order, lines_of, reach_of
from buqi.indexes import Lists, kept_lists

USUAL_SIZE = 40.0  # of a city's zones that are not listed: 100 million yuan of product a year
SHORTEST_ZONE, LONGEST_ZONE = 2, 8  # characters of a zone's own name
ZONE_WITHIN = 30  # a zone that begins further back says nothing
FRONT = 14  # characters that the first name of an address may have
KINDS = (  # of zones, by what is in their names; the first that fits
    ("bonded", expression(r"保税")),
    ("high-tech", expression(r"高新|高科|高技术|新技术")),
    ("economic", expression(r"经济|经开|开发")),
    ("new", expression(r"新区")),
    ("industrial", expression(r"工业|产业|园")),
)


class Zones:
    """Zones by the name of their own, and places by the kinds of zones that bear their name.

    Args:
        table: of the divisions that the zones lie in.
    """

    def __init__(self, table: Table) -> None:
        self.table = table
        found: Mapping[str, Lists] = kept_lists("zones", self._by_name) if table is load_table() else self._by_name()
        # Most texts that are looked up are no names: a plain dictionary says so fastest.
        self.by_name, self.by_kind = dict(found["names"].items()), found["kinds"]
        roads = kept_lists("zone-roads", zones_by_road)
        self.by_road, self.akin = roads["whole"], roads["akin"]
        self.reach = reach_of(self.by_name)
        self.sizes: dict[str, dict[str, float]] = defaultdict(dict)
        for (code, kind), size in load_zone_sizes().items():
            self.sizes[kind][code] = math.log(size / USUAL_SIZE)

    def _by_name(self) -> dict[str, Lists]:
        """Return places by the zones' names, and by the kinds of zones that bear the place's name."""
        named: dict[str, set[str]] = defaultdict(set)
        having: dict[str, set[str]] = defaultdict(set)
        for name, code in load_zones():
            own, around = self._own(name, code)
            words = ZONE_KIND.search(own)
            if words is None or words.end() < len(own):
                named[own].add(code)
            elif words.start() >= SHORTEST_ZONE:
                named[own[: words.start()]].add(code)
                named[own].add(code)
            elif words.start() == 0 and around and len(around) <= 4:  # a county's zone is written with its name
                having[kind_of(own)].add(around)
        names = {name: sorted(codes) for name, codes in named.items() if len(name) >= SHORTEST_ZONE}
        return {"names": names, "kinds": {kind: sorted(codes) for kind, codes in having.items() if kind}}

    def named(self, text: str) -> Sequence[str]:
        """Return the codes of the places around the first zone that ``text`` names, none if there is no zone."""
        for at in range(min(len(text), ZONE_WITHIN)):
            if text[at : at + 2] not in self.reach:
                continue
            longest = min(self.reach[text[at : at + 2]], LONGEST_ZONE, len(text) - at)
            for length in range(longest, SHORTEST_ZONE - 1, -1):
                end = at + length
                codes = self.by_name.get(text[at:end])
                if codes and (ZONE_KIND.fullmatch(text, end - 2, end) or ZONE_KIND.match(text, end)):
                    return codes
        return []

    def having(self, kind: str) -> Sequence[str]:
        """Return the codes of the places that have a zone of a kind, one of `KINDS`."""
        return self.by_kind.get(kind, [])

    def large(self, kind: str) -> dict[str, float]:
        """Return, by code, how much larger than usual a city's zones of a kind are (ln)."""
        return self.sizes.get(kind, {})

    def with_road(self, kind: str, names: Iterable[str]) -> tuple[list[str], bool]:
        """Return the codes of the cities whose zone of a kind has a road of ``names``.

        Also whether they have that road itself, or one that is named alike.
        """
        if not kind:
            return [], False
        roads = list(names)
        itself = {code for road in roads for code in self.by_road.get(f"{kind} {road}", ())}
        if itself:
            return sorted(itself), True
        return sorted({code for road in roads for code in self.akin.get(f"{kind} {road_stem(road)}", ())}), False

    def _own(self, name: str, code: str) -> tuple[str, str]:
        """Return a zone's name without the names of places before it, and the code of the deepest of these places.

        The code is ``""`` if no place stands before it.
        """
        around = ""
        for division in self.table.path(code).divisions:
            for form in (division.name, *short_names(division.name)):
                if name.startswith(form) and len(name) - len(form) >= SHORTEST_ZONE:
                    name = name[len(form) :].removeprefix("市")
                    around = division.code
                    break
        if len(around) == 2 and around not in MUNICIPALITIES:
            around = code  # 青海高新技术产业开发区 is the one in 西宁.
        return name, around


def zone_first(text: str) -> bool:
    """Whether a text begins with a zone, with a name of its own or without."""
    return ZONE_KIND.search(text, 0, FRONT) is not None


def kind_of(name: str) -> str:
    """Return the kind of a zone by its name, ``""`` if no kind has such a name: high-tech for 高新技术产业开发区."""
    return next((kind for kind, pattern in KINDS if pattern.search(name)), "")


def kind_at_front(text: str) -> str:
    """Return the kind of the zone that ``text`` begins with, ``""`` if with none: high-tech for 高新区科技路."""
    found = ZONE_KIND.match(text, 1 if text.startswith("市") else 0)
    return kind_of(found.group()) if found else ""


def load_zone_roads() -> Iterator[tuple[str, str, str]]:
    """Yield (code of the city, kind of the zone, road) of the roads that are known to lie in a city's zones."""
    return ((code, kind, road) for code, kind, roads in lines_of(ZONE_ROADS) for road in roads.split())


def zones_by_road() -> dict[str, Lists]:
    """Return the cities by kind of zone and road (``high-tech 科技路``), and by kind and roads named alike."""
    whole: dict[str, set[str]] = defaultdict(set)
    akin: dict[str, set[str]] = defaultdict(set)
    for code, kind, road in load_zone_roads():
        whole[f"{kind} {road}"].add(code)
        if stem := road_stem(road):
            akin[f"{kind} {stem}"].add(code)
    return {"whole": in_order(whole), "akin": in_order(akin)}


def load_zone_sizes() -> dict[tuple[str, str], float]:
    """Return by city and kind what is produced a year in a city's zones, roughly: 100 million yuan."""
    return {(code, kind): float(size) for code, kind, size in lines_of(ZONE_SIZES)}


def load_zones() -> Iterator[tuple[str, str]]:
    """Yield (name, code of the place around it) of the listed zones and of those among the former names."""
    yield from ((name, code) for name, code in lines_of(ZONES))
    for _, code, names in (line for line in lines_of(PLACES) if line[0] == "zone"):
        whole = (name for name in names.split() if (kind := ZONE_KIND.search(name)) and kind.end() == len(name))
        yield from ((name, code) for name in whole)
    for former in load_former():
        if former.kind == "zone" and len(former.successor) <= 6:
            yield former.name, former.successor
