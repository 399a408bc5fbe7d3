"""Development zones: 东湖开发区 lies in one place; 高新区科技路 in a city whose high-tech zone has such a road."""

from __future__ import annotations

import math

from buqi.address.evidence.base import Column, EvidenceKind, Features, Resources
from buqi.address.parsed import ParsedAddress
from buqi.gazetteer.zones import kind_at_front

ALIKE = 0.6  # what a road named alike counts for


class KnownZones(EvidenceKind):
    """Looks for zones by a name of their own, and for the kind of zone at the front."""

    columns = (
        Column("zone", tells_presence=True),  # a zone by its own name: 东湖开发区
        Column("has_zone"),  # the city has a zone of the kind at the front: 高新区
        Column("zone_road", tells_presence=True),  # and it has the road: 高新区科技路
        Column("zone_size"),  # how large the city's zones of that kind are
    )

    def __init__(self, resources: Resources) -> None:
        super().__init__(resources)
        self.zones = resources.zones

    def features(self, address: ParsedAddress) -> Features:
        """Return its columns by name."""
        kind, found, mark = kind_at_front(address.rest), self.marks(), self.counties.raise_to
        if codes := self.zones.named(address.whole):
            mark(1.0 / math.sqrt(len(codes)), codes, found["zone"])
        elif kind:
            mark(1.0, self.zones.having(kind), found["has_zone"])
            for code, size in self.zones.large(kind).items():
                mark(size, [code], found["zone_size"])
        cities, itself = self.zones.with_road(kind, address.names)
        if cities:
            mark((1.0 if itself else ALIKE) / math.sqrt(len(cities)), cities, found["zone_road"])
        return found
