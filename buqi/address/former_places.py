"""Whether the place that had a name before may be meant, where a place of today has that name.

江北区 is a district of 宁波. One in 重庆 was dissolved, and is meant if something rare in the text lies there.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from buqi.address.parsed import place_of
from buqi.divisions import Match
from buqi.divisions.pieces import Pieces
from buqi.divisions.text import read

RARE = 10  # counties that have a piece of a name which says where an address lies


class FormerPlaces:
    """Asks the table's smaller names, or trusts a memory to know.

    Args:
        pieces: of the names of towns and villages, by county.
        below: numbers of the counties under each division.
        remembers: whether a memory of the user's places speaks too.
    """

    def __init__(self, pieces: Pieces, below: dict[str, NDArray[np.int64]], remembers: bool) -> None:
        self.pieces, self.below, self.remembers = pieces, below, remembers

    def may_be_meant(self, match: Match, code: str) -> bool:
        """Whether something behind the names of ``match`` speaks for the division ``code``, or a memory may."""
        if self.remembers:
            return True
        numbers = self.below.get(code)
        grams = self.pieces.numbers(place_of(read(match.detail).plain))
        return numbers is not None and self.pieces.rare_in(grams, numbers, RARE)

    def weighed(self, match: Match, county_of: dict[str, str]) -> Match:
        """Return ``match`` with candidates by a former name as good as they were, where they may be meant.

        Args:
            match: what the matcher read; it counts such candidates less.
            county_of: the county's code for each candidate's.
        """
        candidates = tuple(
            replace(c, score=c.score + c.covered, named=c.named + c.covered, covered=0.0)
            if c.covered and self.may_be_meant(match, county_of[c.code])
            else c
            for c in match.candidates
        )
        return replace(match, candidates=candidates)
