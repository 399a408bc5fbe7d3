"""How well a road fits each city: from all lists, and from how many of a city's roads the lists have.

A city's lists have ``n`` roads, and these are the share ``s`` of the roads in its addresses. An address of the city has
one of these roads with the probability ``s / n``. Any other road has ``1 - s`` times its probability in the country.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import lru_cache

from buqi.gazetteer.lists import MAPPED_ROADS, PLACES, ROAD_SHARES, ROADS, ZONE_ROADS, lines_of
from buqi.indexes import Lists, kept_lists

RoadsOfPlace = tuple[str, list[str]]  # code of a city or a county in it, names of roads
RARE = 2e-6  # probability of a road in the country at least
USUAL_SHARE = 0.2  # of the roads of a city that was not counted


class MappedRoads:
    """Roads by the cities that have them, with what the lists know of each city.

    Args:
        mapped: codes (of a city or a county in it) with the roads of maps and lists; if not given, all is as shipped.
        others: the same of other lists.
        shares: by city, the share of the roads in addresses that the lists have.

    Attributes:
        mapped: codes by the roads of maps and official lists.
        cities: cities by the roads of all lists.
        chance: by city, the probability that an address has one certain road of its lists.
        lacks: by city, how much less likely an address is there if the lists do not have its road (ln).
    """

    def __init__(
        self,
        mapped: Iterable[RoadsOfPlace] | None = None,
        others: Iterable[RoadsOfPlace] = (),
        shares: Mapping[str, float] | None = None,
    ) -> None:
        self.shares = shares or load_shares()
        found: Mapping[str, Lists] = (
            kept_lists("mapped-roads", lambda: self._by_road(load_mapped_roads(), load_other_roads()))
            if mapped is None
            else self._by_road(mapped, others)
        )
        self.mapped, self.cities = found["mapped"], found["cities"]
        self.size = {city: int(size) for city, (size,) in found["size"].items()}
        self.chance = {city: self.shares.get(city, USUAL_SHARE) / size for city, size in self.size.items()}
        self.lacks = {city: math.log1p(-share) for city, share in self.shares.items()}

    def _by_road(self, mapped: Iterable[RoadsOfPlace], others: Iterable[RoadsOfPlace]) -> dict[str, Lists]:
        """Return codes by the roads of maps, cities by the roads of all lists, and how many roads a city has."""
        codes: dict[str, list[str]] = defaultdict(list)
        roads_of: dict[str, set[str]] = defaultdict(set)
        for code, names in mapped:
            roads_of[self.city_of(code)].update(names)
            for name in names:
                codes[name].append(code)
        for code, names in others:
            roads_of[self.city_of(code)].update(names)
        cities: dict[str, list[str]] = defaultdict(list)
        for city, roads in roads_of.items():
            for road in roads:
                cities[road].append(city)
        sizes = {city: [str(len(roads))] for city, roads in roads_of.items()}
        return {"mapped": codes, "cities": cities, "size": sizes}

    def city_of(self, code: str) -> str:
        """Return the code of the city around a place: a municipality, a city, or a county without a city."""
        return next((code[:length] for length in (2, 4) if code[:length] in self.shares), code)

    def fits(self, road: str) -> dict[str, float]:
        """Return by city how much likelier a road is there than in the country (ln). Cities without it are left out."""
        chance = {city: self.chance[city] for city in self.cities.get(road, ())}
        everywhere = sum(chance.values()) / max(len(self.shares), 1) + RARE
        return {city: math.log(p / everywhere) for city, p in chance.items()}


@lru_cache(maxsize=1)
def shipped_roads() -> MappedRoads:
    """Return the roads of the shipped lists, made once."""
    return MappedRoads()


@lru_cache(maxsize=1)
def load_shares() -> dict[str, float]:
    """Return by city the share of the roads in its addresses that the lists have."""
    return {code: float(share) for code, share in lines_of(ROAD_SHARES)}


def load_mapped_roads() -> Iterable[RoadsOfPlace]:
    """Yield (code, roads) of maps and official lists."""
    yield from ((code, names.split()) for code, names in lines_of(MAPPED_ROADS))
    yield from ((code, names.split()) for kind, code, names in lines_of(PLACES) if kind == "road")


def load_other_roads() -> Iterable[RoadsOfPlace]:
    """Yield (code, roads) of the lists from general knowledge."""
    yield from ((code, names.split()) for code, names in lines_of(ROADS))
    yield from ((code, names.split()) for code, _, names in lines_of(ZONE_ROADS))
