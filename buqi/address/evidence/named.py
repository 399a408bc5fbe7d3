"""Divisions that the matcher read: 朝阳区 speaks for each 朝阳区, 长春市 for all counties of it."""

from __future__ import annotations

import math
from collections import defaultdict

import numpy as np

from buqi.address.evidence.base import Column, EvidenceKind, Features
from buqi.address.mistyped import slips_in
from buqi.address.parsed import ParsedAddress
from buqi.divisions import Candidate
from buqi.divisions.meaning import FORMER, FULL, SHORT


class NamedDivisions(EvidenceKind):
    """What the matcher's candidate says that lies in a county, or that the county lies in."""

    columns = (
        Column("named", times=("named",)),  # the score of its names
        Column("any"),  # there is one
        Column("mistyped", times=("named",)),
        Column("changed"),  # mistyped characters beyond the first
        Column("kept_kind", times=("named",)),  # mistyped, but its kind is written: 危县
        Column("short", times=("named",)),  # no name of it in full
        Column("common", times=("named",)),  # ln(1 + towns and villages of that short name)
        Column("former", times=("named",)),
        Column("against", times=("named",)),  # another name contradicts it
        Column("town"),  # what speaks for its town
        Column("clear"),  # no other is as good
        Column("bare"),  # no division was named: the same for all counties
    )

    def features(self, address: ParsedAddress) -> Features:
        """Return its columns by name."""
        if not address.candidates:
            return {"bare": 1.0}
        found = self.marks()
        numbers: dict[int, list[int]] = defaultdict(list)
        for number, candidate in address.candidates.items():
            numbers[id(candidate)].append(number)
        for candidate in address.match.candidates:
            if at := numbers.get(id(candidate)):
                counties = np.array(at)
                for name, value in self._columns_of(candidate, address).items():
                    if value:
                        found[name].put(counties, value)
        return found

    def _columns_of(self, candidate: Candidate, address: ParsedAddress) -> dict[str, float]:
        text, kinds = address.match.text, {used.kind for used in candidate.used}
        slips = slips_in(text, candidate)
        in_full = FULL in kinds
        short = SHORT in kinds and not in_full
        last = candidate.used[-1]
        return {
            "named": candidate.named,
            "any": 1.0,
            "mistyped": float(slips.mistyped),
            "changed": float(slips.further),
            "kept_kind": float(slips.keep_kind),
            "short": float(short),
            "common": math.log1p(self.resources.namesakes(text[last.start : last.end])) if short else 0.0,
            "former": float(FORMER in kinds and not in_full),
            "against": float(bool(candidate.against)),
            "town": candidate.score - candidate.named if len(candidate.code) == 9 else 0.0,
            "clear": float(candidate is address.match.best),
        }
