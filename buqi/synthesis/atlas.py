"""The places of a region that rows are made of, and which of their names leave no doubt."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from functools import cached_property, lru_cache
from typing import NamedTuple

from buqi.divisions import LEVELS, Division, DivisionPath, load_table
from buqi.divisions.names import short_name
from buqi.divisions.stems import village_stem
from buqi.divisions.words import ZONE_KIND
from buqi.gazetteer.lists import LANDMARKS, ROADS, load_names
from buqi.gazetteer.mapped_roads import MappedRoads
from buqi.gazetteer.zones import load_zone_roads, load_zones
from buqi.synthesis.unambiguous import former_names, unique_names

TAIWAN = "71"  # code; its 368 townships have 23 of 1,430 million people
SPARSE = 8  # one in so many of its townships takes part in a round
VILLAGE = "村"
VILLAGE_NAME = re.compile(r"(?:村|村委会|村民委员会|嘎查|嘎查委员会)$")
# A village with a name that others hardly have: four characters and more, and no word for a community, road or town.
LONG_VILLAGE = re.compile(r"(?!.*(?:社区|[街路巷委队镇乡县市区苑]|家园|联合))[\u4e00-\u9fff]{4,8}")
SURE_NAME = 4  # characters; shorter names of roads are in many cities


class ListedName(NamedTuple):
    """A name of a list, the code of its place, and whether it tells the place: ``unique``."""

    name: str
    code: str
    unique: bool


class Atlas:
    """Places and names of a region.

    Args:
        counties: of the region; cities without counties stand for themselves.
    """

    def __init__(self, counties: Sequence[Division]) -> None:
        self.table, self.counties = load_table(), counties
        self.usual, self.sparse = by_density(counties)
        self.towns = [town for county in self.usual for town in self.table.children.get(county.code, [])]
        self.stems = lru_cache(maxsize=None)(self._stems)

    def path(self, division: Division) -> DivisionPath:
        """Return the path to a division."""
        return self.table.path(division.code)

    @cached_property
    def unique_towns(self) -> list[Division]:
        """Towns whose name no other county has."""
        return [town for town in self.towns if town.name in unique_names()["town"]]

    @cached_property
    def shared_towns(self) -> list[Division]:
        """Towns whose name other counties have too, and that have villages."""
        shared = (town for town in self.towns if town.name not in unique_names()["town"])
        return [town for town in shared if self.table.village_names(town.code)]

    @cached_property
    def renamed_counties(self) -> list[Division]:
        """Counties that have had another name."""
        return [d for d in self.usual if d.code in former_names()]

    @cached_property
    def long_counties(self) -> list[Division]:
        """Counties whose name no other has, and of which enough is left without one character."""
        return [d for d in self.usual if len(d.name) > 3 and d.name in unique_names()["county"]]

    @cached_property
    def towns_named(self) -> dict[str, list[Division]]:
        """All towns of the country by their names."""
        return _by_name(self.table.at("town"))

    @cached_property
    def counties_named(self) -> dict[str, list[Division]]:
        """All counties of the country by their names."""
        return _by_name(self.table.at("county"))

    @cached_property
    def shared_counties(self) -> list[Division]:
        """Counties whose name others have too, and that have towns."""
        shared = (d for d in self.usual if len(self.counties_named.get(d.name, ())) > 1)
        return [d for d in shared if self.table.children.get(d.code)]

    def _stems(self, town: str) -> frozenset[str]:
        """Return the names of a town's villages without what says that they are villages."""
        return frozenset(bare_village(name) for name in self.table.village_names(town))

    @cached_property
    def long_villages(self) -> list[tuple[str, Division]]:
        """Long names of villages that no other village of the country has, each with its town."""
        count: Counter[int] = Counter()
        found: list[tuple[str, Division]] = []
        ours = {town.code for town in self.towns}
        for town in self.table.at("town"):
            for whole in self.table.village_names(town.code):
                name = bare_village(whole)
                count[hash(name)] += 1
                if town.code in ours and VILLAGE_NAME.search(whole) and LONG_VILLAGE.fullmatch(name):
                    found.append((name, town))
        return [(name, town) for name, town in found if count[hash(name)] == 1]

    @cached_property
    def roads(self) -> list[ListedName]:
        """Listed roads of the region's cities. A road of `SURE_NAME` characters or more that one city has is unique."""
        cities = MappedRoads().cities
        return self._listed(
            (code, road, len(road) >= SURE_NAME and len(cities.get(road, ())) == 1) for code, road in load_names(ROADS)
        )

    @cached_property
    def zone_roads(self) -> list[tuple[str, ListedName]]:
        """Roads in zones without a name, each with the zone's kind."""
        listed = list(load_zone_roads())
        times = Counter((kind, road) for _, kind, road in listed)
        return [
            (kind, named)
            for code, kind, road in listed
            for named in self._listed([(code, road, len(road) >= SURE_NAME and times[kind, road] == 1)])
        ]

    @cached_property
    def landmarks(self) -> list[ListedName]:
        """Listed landmarks of the region's cities."""
        times = Counter(name for _, name in load_names(LANDMARKS))
        sure = {name for name, n in times.items() if n == 1 and not name.endswith(VILLAGE)}
        return self._listed((code, name, name in sure) for code, name in load_names(LANDMARKS))

    @cached_property
    def zones(self) -> list[ListedName]:
        """Zones with a name of their own that is listed for one place."""
        places: dict[str, set[str]] = defaultdict(set)
        for name, code in load_zones():
            places[name].add(code)
        own = ((name, codes) for name, codes in places.items() if len(codes) == 1 and not ZONE_KIND.match(name))
        return self._listed((next(iter(codes)), name, len(name) > SURE_NAME) for name, codes in sorted(own))

    def _listed(self, entries: Iterable[tuple[str, str, bool]]) -> list[ListedName]:
        return [ListedName(name, code, unique) for code, name, unique in entries if code in self.around]

    @cached_property
    def around(self) -> frozenset[str]:
        """Codes of the counties, and of the cities and provinces all of whose counties are in the region."""
        inside = {county.code for county in self.counties}

        def whole(division: Division) -> bool:
            under = [d for d in self.table.children.get(division.code, ()) if d.level != "town"]
            return division.code in inside or (bool(under) and all(map(whole, under)))

        upper = (d for level in LEVELS[:2] for d in self.table.at(level))
        return frozenset([*inside, *(d.code for d in upper if whole(d))])

    def sure_head(self, county: Division) -> str:
        """Return a beginning that leaves no doubt: the county's name, behind its city's where others have it too."""
        if county.level != "county" or county.name in unique_names()["county"]:
            return county.name
        around = self.table.by_code[county.parent]
        return around.name + county.name

    def short_head(self, county: Division) -> str:
        """Return a county without its suffix where that leaves no doubt, else as `sure_head`."""
        short = short_name(county.name)
        return short if short in unique_names()["county_short"] else self.sure_head(county)


def by_density(counties: Sequence[Division]) -> tuple[list[Division], list[Division]]:
    """Return the counties that take part in every round, and those of Taiwan, of which one in `SPARSE` does.

    Where there are no others, Taiwan's take part in every round too.
    """
    sparse = [county for county in counties if county.code.startswith(TAIWAN)]
    return [county for county in counties if not county.code.startswith(TAIWAN)] or sparse, sparse


def bare_village(name: str) -> str:
    """Return a village without what says that it is one: 罗家村村民委员会 → 罗家."""
    stem = village_stem(name)
    return stem.removesuffix(VILLAGE) if len(stem) > 2 else stem


def _by_name(divisions: Iterable[Division]) -> dict[str, list[Division]]:
    found: dict[str, list[Division]] = defaultdict(list)
    for division in divisions:
        found[division.name].append(division)
    return dict(found)
