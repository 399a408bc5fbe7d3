"""Where texts like this one were seen: the classifiers of the user's memory."""

from __future__ import annotations

from collections.abc import Sequence

from buqi.address.evidence.base import Column, EvidenceKind, Features, Resources, limited
from buqi.address.parsed import ParsedAddress
from buqi.gazetteer.place_names import without_zone
from buqi.places.classifier import Likeness

CLEARLY_ALIKE = 4.0  # likeness beyond this may count for more


class TextLikeness(EvidenceKind):
    """Asks the classifiers of a memory. A memory that is too small for any says nothing."""

    columns = (Column("likeness", times=("any", "bare"), above=CLEARLY_ALIKE, compared=True, where=("road",)),)

    def __init__(self, resources: Resources) -> None:
        super().__init__(resources)
        trained = resources.memory.classifiers
        self.classifiers = Likeness(trained, resources.counties.number) if trained else None

    def features(self, address: ParsedAddress) -> Features:
        """Return its columns by name."""
        return self.features_of_all([address])[0]

    def features_of_all(self, addresses: Sequence[ParsedAddress]) -> Sequence[Features]:
        """Return the columns of each address."""
        if self.classifiers is None:
            return [{}] * len(addresses)
        texts = [without_zone(address.asked) for address in addresses]
        return [{"likeness": row} for row in limited(self.classifiers.weigh(texts))]
