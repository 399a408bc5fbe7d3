"""Whether the place that had a name before may be meant, where a place of today has that name.

江北区 is a district of 宁波. One in 重庆 was dissolved, and is meant if something rare in the text lies there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from buqi.address.parsed import place_of
from buqi.divisions import Match, Matcher
from buqi.divisions.text import read

KEPT = 100  # texts
RARE = 10  # counties that have a piece of a name which says where an address lies


class FormerPlaces:
    """Asks the table's smaller names, or trusts a memory to know.

    Args:
        matcher: has the table and the pieces of the names of towns and villages.
        below: numbers of the counties under each division.
        remembers: whether a memory of the user's places speaks too.
    """

    def __init__(self, matcher: Matcher, below: Mapping[str, NDArray[np.int64]], remembers: bool) -> None:
        self.table, self.pieces = matcher.table, matcher.small_names.pieces
        self.below, self.remembers = below, remembers
        self._rare = lru_cache(maxsize=KEPT)(self._counties_with_rare)  # asked for each candidate of a text

    def may_be_meant(self, match: Match, code: str) -> bool:
        """Whether something behind the names of ``match`` speaks for the division ``code``, or a memory may."""
        if self.remembers:
            return True
        numbers = self.below.get(code)
        return numbers is not None and not self._rare(match.detail).isdisjoint(numbers.tolist())

    def _counties_with_rare(self, detail: str) -> frozenset[int]:
        """Return the numbers of the counties that have a rare piece of a text."""
        return self.pieces.rare(self.pieces.numbers(place_of(read(detail).plain)), RARE)

    def restored(self, match: Match) -> Match:
        """Return ``match`` in which candidates with a former name count in full where they may be meant.

        The matcher counts such candidates less by `Candidate.covered`.
        """
        if not any(candidate.covered for candidate in match.candidates):
            return match
        candidates = tuple(
            replace(c, score=c.score + c.covered, named=c.named + c.covered, covered=0.0)
            if c.covered and self.may_be_meant(match, self.table.county_of(c.code))
            else c
            for c in match.candidates
        )
        return replace(match, candidates=candidates)
