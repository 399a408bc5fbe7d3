"""Divisions that the matcher read: 朝阳区 speaks for each 朝阳区, 长春市 for all counties of it."""

from __future__ import annotations

import math

import numpy as np

from buqi.address.evidence.base import Column, EvidenceKind, Features
from buqi.address.marks import Marks
from buqi.address.mistyped import slips_in
from buqi.address.parsed import ParsedAddress
from buqi.divisions import Candidate
from buqi.divisions.meaning import FORMER, FULL, SHORT
from buqi.divisions.mistyping import MISTYPED


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
        numbers: dict[int, list[int]] = {}
        for number, candidate in address.candidates.items():
            numbers.setdefault(id(candidate), []).append(number)
        found = self.marks()
        for candidate in address.match.candidates:
            if at := numbers.get(id(candidate)):
                self._put(candidate, address, at, found)
        return found

    def _put(self, candidate: Candidate, address: ParsedAddress, at: list[int], found: dict[str, Marks]) -> None:
        """Give the counties with the numbers ``at`` what a candidate says."""
        text, kinds = address.match.text, {used.kind for used in candidate.used}
        counties = np.array(at)
        found["named"].put(counties, candidate.named)
        found["any"].put(counties, 1.0)
        if not kinds.isdisjoint(MISTYPED) and (slips := slips_in(text, candidate)).mistyped:
            found["mistyped"].put(counties, 1.0)
            found["changed"].put(counties, float(slips.further))
            found["kept_kind"].put(counties, float(slips.keep_kind))
        if FULL not in kinds:
            if SHORT in kinds:
                last = candidate.used[-1]
                namesakes = self.resources.namesakes(text[last.start : last.end])
                found["short"].put(counties, 1.0)
                found["common"].put(counties, math.log1p(namesakes))
            if FORMER in kinds:
                found["former"].put(counties, 1.0)
        if candidate.against:
            found["against"].put(counties, 1.0)
        if len(candidate.code) == 9:
            found["town"].put(counties, candidate.score - candidate.named)
        if candidate is address.match.best:
            found["clear"].put(counties, 1.0)
