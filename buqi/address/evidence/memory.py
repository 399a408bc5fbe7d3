"""The names in the user's memory: whole names, and pieces of them."""

from __future__ import annotations

from buqi.address.evidence.base import Column, EvidenceKind, Features, Resources, limited
from buqi.address.parsed import ParsedAddress
from buqi.places.votes import Votes


class MemoryNames(EvidenceKind):
    """Asks a memory where it has seen the names of an address. An empty memory says nothing."""

    columns = (
        Column("names", times=("any", "bare"), above=0.0, compared=True, where=("road",)),
        Column("parts", times=("any", "bare"), above=0.0, compared=True, where=("road",)),
    )

    def __init__(self, resources: Resources) -> None:
        super().__init__(resources)
        self.votes = Votes(resources.memory, resources.matcher.evidence) if resources.memory else None

    def features(self, address: ParsedAddress) -> Features:
        """Return its columns by name."""
        if self.votes is None:
            return {}
        names, parts = self.votes.weigh(address.asked_names, address.asked_place)
        return {"names": limited(names), "parts": limited(parts)}
