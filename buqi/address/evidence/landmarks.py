"""Landmarks that are known to lie in a city: 五角场 in 上海市."""

from __future__ import annotations

from buqi.address.evidence.base import Column, EvidenceKind, Features, Resources
from buqi.address.parsed import ParsedAddress
from buqi.gazetteer.landmarks import load_landmarks


class KnownLandmarks(EvidenceKind):
    """Looks for the names of landmarks in the list of known ones."""

    columns = (Column("landmark"),)  # the city has the landmark: 1 / cities that have it

    def __init__(self, resources: Resources) -> None:
        super().__init__(resources)
        self.landmarks = load_landmarks()

    def features(self, address: ParsedAddress) -> Features:
        """Return its columns by name."""
        cities = self.landmarks.cities(address.whole)
        if not cities:
            return {}
        found = self.marks()
        self.counties.raise_to(1.0 / len(cities), cities, found["landmark"])
        return found
