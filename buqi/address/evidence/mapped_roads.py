"""Roads of maps and official lists. A road that the full list of a city lacks speaks against the city."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from buqi.address.counties import KEPT
from buqi.address.evidence.base import Column, EvidenceKind, Features, Resources
from buqi.address.marks import Marks, OfCities
from buqi.address.parsed import ParsedAddress
from buqi.expressions import expression
from buqi.gazetteer.mapped_roads import load_roads

ROAD = expression(r"(?:路|街|大道|巷|弄|胡同|桥|道)$")


class RoadsOfMaps(EvidenceKind):
    """Looks for the names of roads in maps and official lists, and weighs what they lack."""

    columns = (
        Column("mapped", tells_presence=True),  # the list of the city or county has the road: 1 / √places that have it
        Column("road_fits"),  # how much likelier the road is in the city than in the country (ln), by all lists
        Column("road_lacks"),  # ln of the share of the city's roads that the lists lack, where they lack all of these
    )

    def __init__(self, resources: Resources) -> None:
        super().__init__(resources)
        self.roads = load_roads()
        self._fits = lru_cache(maxsize=KEPT)(self._road_fits)
        self._lacks = np.array([self.roads.lacks.get(city, 0.0) for city in self.counties.cities])

    def features(self, address: ParsedAddress) -> Features:
        """Return its columns by name."""
        roads = [name for name in address.names if ROAD.search(name)]
        if not roads:
            return {}
        mapped, fits, lacks = Marks(), np.zeros(len(self._lacks)), self._lacks.copy()
        for road in roads:
            if codes := self.roads.mapped.get(road):
                self.counties.raise_to(1.0 / math.sqrt(len(codes)), codes, mapped)
            at, values = self._fits(road)
            fits[at] = np.maximum(fits[at], values)
            lacks[at] = 0.0
        city = self.counties.city
        return {"mapped": mapped, "road_fits": OfCities(fits, city), "road_lacks": OfCities(lacks, city)}

    def _road_fits(self, road: str) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return the numbers of the cities that have a road, and how well it fits each."""
        number = self.counties.cities
        found = [(number[city], value) for city, value in self.roads.fits(road).items() if city in number]
        return np.array([at for at, _ in found], dtype=np.int64), np.array([value for _, value in found])
