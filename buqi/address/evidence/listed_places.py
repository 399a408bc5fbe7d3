"""Universities, stations, villages and scenic areas of official lists, wherever they stand: 延安大学西门, 龙里北站."""

from __future__ import annotations

import math

from buqi.address.evidence.base import Column, EvidenceKind, Features, Resources
from buqi.address.marks import Marks
from buqi.address.parsed import ParsedAddress


class PlacesOfLists(EvidenceKind):
    """Looks for the names of listed places, in brackets and behind other words too."""

    columns = (  # the city or county has such a place: 1 / √places that have one
        Column("university", tells_presence=True),
        Column("station"),
        Column("village"),
        Column("scenic"),
    )

    def __init__(self, resources: Resources) -> None:
        super().__init__(resources)
        self.places = resources.listed_places

    def features(self, address: ParsedAddress) -> Features:
        """Return its columns by name."""
        found: dict[str, Marks] = {}
        for place in self.places.find(address.whole):
            kind = "station" if place.kind == "airport" else place.kind
            column = found.setdefault(kind, Marks())
            self.counties.raise_to(1.0 / math.sqrt(len(place.codes)), place.codes, column)
        return found
