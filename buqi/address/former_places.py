"""Whether the place that had a name before may be meant, where a place of today has that name.

江北区 is a district of 宁波. One in 重庆 was dissolved. It is meant if something rare in the text lies there, or a road
that the lists have there and not in 宁波.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from buqi.address.parsed import place_of
from buqi.divisions import Candidate, Match, Matcher
from buqi.divisions.meaning import FULL
from buqi.divisions.text import read
from buqi.gazetteer.mapped_roads import load_roads
from buqi.gazetteer.place_names import place_names

KEPT = 100  # texts
NEAR = 0.4  # in the matcher's units: less than what readings that are equally good may be apart
RARE = 10  # counties that have a piece of a name, or cities that have a road, which says where an address lies


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
        return self.remembers or self._speaks(match, code)

    def _speaks(self, match: Match, code: str) -> bool:
        """Whether something behind the names of ``match`` speaks for a division."""
        numbers = self.below.get(code)
        if numbers is None:
            return False
        return not self._rare(match.detail).isdisjoint(numbers.tolist()) or self.has_road(match, code)

    def _counties_with_rare(self, detail: str) -> frozenset[int]:
        """Return the numbers of the counties that have a rare piece of a text."""
        return self.pieces.rare(self.pieces.numbers(place_of(read(detail).plain)), RARE)

    def has_road(self, match: Match, code: str) -> bool:
        """Whether a road behind a county's name is in the lists of a division's city, and not in today's county's.

        A road that many cities have says too little.
        """
        roads = load_roads()
        if any(len(used.code) > 6 for c in match.candidates for used in c.used):
            return False  # there are too many towns of one name
        city = roads.city_of(code)
        today = {roads.city_of(c.code) for c in match.candidates if any(used.kind == FULL for used in c.used)}
        named = place_names(match.detail) if city not in today else []
        having = (roads.cities.get(name, ()) for name in named)
        return any(city in cities and today.isdisjoint(cities) and len(cities) <= RARE for cities in having)

    def restored(self, match: Match) -> Match:
        """Return ``match`` in which candidates with a former name count in full where they may be meant.

        The matcher counts such candidates less by `Candidate.covered`. They count nearly as much as the place of today
        where something in the text speaks for them, and nothing for that.
        """
        if not any(candidate.covered for candidate in match.candidates):
            return match
        top = max(c.named for c in match.candidates)
        today = {self.table.county_of(c.code) for c in match.candidates if not c.covered and c.named == top}
        alone = not self.remembers and not any(self._speaks(match, code) for code in today)

        def whole(candidate: Candidate) -> Candidate:
            if not candidate.covered or not self.may_be_meant(match, self.table.county_of(candidate.code)):
                return candidate
            named = candidate.named + candidate.covered
            named = max(named, top - NEAR) if alone and len(candidate.code) == 6 else named
            more = named - candidate.named
            return replace(candidate, score=candidate.score + more, named=named, covered=0.0)

        return replace(match, candidates=tuple(map(whole, match.candidates)))
