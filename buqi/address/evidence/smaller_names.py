"""The table's towns and villages: 中央路 is in the name of a community of 鼓楼区 in 南京市."""

from __future__ import annotations

from collections.abc import Sequence

from buqi.address.evidence.base import Column, EvidenceKind, Features, limited
from buqi.address.parsed import ParsedAddress


class SmallerNames(EvidenceKind):
    """Compares pieces of the text with pieces of the names of towns and villages."""

    columns = (
        Column("pieces", times=("any", "bare"), above=0.0, compared=True, where=("road",)),
        Column("size", times=("bare",)),  # ln of the county's communities: what speaks for it without any text
    )

    def features(self, address: ParsedAddress) -> Features:
        """Return its columns by name."""
        return self.features_of_all([address])[0]

    def features_of_all(self, addresses: Sequence[ParsedAddress]) -> Sequence[Features]:
        """Return the columns of each address."""
        small_names = self.resources.matcher.small_names
        grams = [small_names.pieces.numbers(address.place) for address in addresses]
        scores = limited(small_names.pieces.scores(grams))
        return [
            {"size": small_names.size, "pieces": row} if len(some) else {"size": small_names.size}
            for some, row in zip(grams, scores, strict=True)
        ]
