"""Roads bear characters of their county's name: 昌大路 in 昌乐."""

from __future__ import annotations

import math
from collections import defaultdict
from functools import cached_property
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from buqi.address.evidence.base import Column, EvidenceKind, Features
from buqi.address.marks import Marks
from buqi.address.parsed import ParsedAddress
from buqi.divisions.names import short_name

SCALE = 5.0  # brings the values near 1
AT_FRONT = 2  # characters of a road's name that may be the county's


class CountyCharacters(EvidenceKind):
    """Looks for characters of counties' short names at the front of the names of roads."""

    columns = (Column("own_characters"),)

    def features(self, address: ParsedAddress) -> Features:
        """Return its columns by name."""
        known = self._counties
        shared = [known[c] for c in {c for name in address.names for c in name[:AT_FRONT]} if c in known]
        if not shared:
            return {}
        found = Marks()
        for counties, _, value in shared:
            found.put(counties, value)
        several = {n for (_, some, _), (_, others, _) in combinations(shared, 2) for n in some & others}
        for number in several:  # of several values the highest counts
            found.put([number], sum(value for _, numbers, value in shared if number in numbers))
        return {"own_characters": found}

    @cached_property
    def _counties(self) -> dict[str, tuple[NDArray[np.int64], frozenset[int], float]]:
        """Numbers of the counties by the characters of their short names, twice, and what a character says."""
        found: dict[str, list[int]] = defaultdict(list)
        for code, number in self.counties.number.items():
            division = self.resources.matcher.table.by_code[code]
            for character in set(short_name(division.name)) if len(code) == 6 else ():
                found[character].append(number)
        return {
            character: (np.array(numbers), frozenset(numbers), math.log(len(self.counties) / len(numbers)) / SCALE)
            for character, numbers in found.items()
        }
