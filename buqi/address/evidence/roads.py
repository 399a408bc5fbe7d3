"""Roads that are known to lie in a city: 文一西路 in 杭州市."""

from __future__ import annotations

import math

from buqi.address.evidence.base import Column, EvidenceKind, Features, Resources
from buqi.address.parsed import ParsedAddress
from buqi.gazetteer.roads import Roads


class KnownRoads(EvidenceKind):
    """Looks for the names of roads in the list of known ones."""

    columns = (
        Column("road", tells_presence=True),  # the city has the road: 1 / √cities that have it
        Column("road_akin"),  # the city has one named alike: 文一路
        Column("road_share"),  # as the first, divided among the cities
    )

    def __init__(self, resources: Resources) -> None:
        super().__init__(resources)
        self.roads = Roads()

    def features(self, address: ParsedAddress) -> Features:
        """Return its columns by name."""
        found, mark = self.marks(), self.counties.raise_to
        for name in address.names:
            cities, itself = self.roads.cities(name)
            if cities:
                mark(1.0 / math.sqrt(len(cities)), cities, found["road" if itself else "road_akin"])
            if itself:
                mark(1.0 / len(cities), cities, found["road_share"])
        return found
