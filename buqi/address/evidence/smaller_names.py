"""The table's towns and villages: 中央路 is in the name of a community of 鼓楼区 in 南京市."""

from __future__ import annotations

import numpy as np

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
        evidence = self.resources.matcher.evidence
        pieces = evidence.pieces.numbers(address.place)
        found = {"size": evidence.size}
        if len(pieces):
            found["pieces"] = limited(evidence.pieces.scores(pieces, np.arange(len(self.counties))))
        return found
