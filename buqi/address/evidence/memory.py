"""The names in the user's memory: whole names, and pieces of them."""

from __future__ import annotations

from collections.abc import Sequence

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
        self.votes = Votes(resources.memory, resources.matcher.small_names) if resources.memory else None

    def features(self, address: ParsedAddress) -> Features:
        """Return its columns by name."""
        return self.features_of_all([address])[0]

    def features_of_all(self, addresses: Sequence[ParsedAddress]) -> Sequence[Features]:
        """Return the columns of each address."""
        if self.votes is None:
            return [{}] * len(addresses)
        names = limited(self.votes.names_of_all([address.asked_names for address in addresses]))
        parts = limited(self.votes.parts([address.asked_place for address in addresses]))
        return [{"names": one, "parts": other} for one, other in zip(names, parts, strict=True)]
