"""Counties that share their whole name: 铁东区 of 鞍山 and of 四平. Of roads only one of the lists tells them apart."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from buqi.address.marks import every
from buqi.divisions import Candidate, Match
from buqi.divisions.meaning import FULL
from buqi.divisions.table import OVERSEAS
from buqi.divisions.words import ROAD_NAMED_AFTER
from buqi.expressions import expression
from buqi.gazetteer.mapped_roads import load_roads

if TYPE_CHECKING:
    from buqi.address.proposals import Proposals, Proposer

ROAD = expression(ROAD_NAMED_AFTER)
ROAD_OR_TOWN = expression(rf"{ROAD_NAMED_AFTER}|[镇乡]|街道")
KNOWN_SHARE = 0.4  # of the roads of a city that its lists have: where they lack a road, it is probably not there
RARE = 0.5  # of `mapped`: four places of the country have the road
ROAD_COLUMNS = ("mapped", "road")


class SharedNames:
    """Tells whether a road decides between the counties of one name.

    Args:
        proposer: has the counties by number.
    """

    def __init__(self, proposer: Proposer) -> None:
        self.proposer = proposer

    def road_decides(self, proposals: Proposals, code: str) -> bool:
        """Whether the lists have the road of an address around a division, and around no other that has its name.

        If many places have the road, the lists must know the cities of the others that have the name today.
        """
        mapped, known = (every(proposals.columns.get(name, 0.0), proposals.counties) for name in ROAD_COLUMNS)
        having, own = mapped + known, self.proposer.below[code]
        counties = self.proposer.counties
        others = [number for number in proposals.candidates if not counties[number].startswith(code)]
        if not np.any(having[own]) or np.any(having[others]):
            return False
        cities = (counties[number] for number in others if lone_county(proposals.candidates[number]))
        return bool(np.any(mapped[own] >= RARE)) or all(map(_knows, cities))

    def is_open(self, proposals: Proposals, candidate: Candidate | None) -> bool:
        """Whether a road follows a county's whole name that another has today, and nothing else was read.

        It is not open if something rare in the text lies in this county alone.
        """
        name, match = lone_county(candidate), proposals.match
        if candidate is None or not name or ROAD.search(match.detail) is None:
            return False
        others = [other.code for other in match.candidates if lone_county(other) == name and other is not candidate]
        speaks = self.proposer.former.may_be_meant
        return bool(others) and not (
            speaks(match, candidate.code) and not any(speaks(match, other) for other in others)
        )

    def is_of_before(self, proposals: Proposals, code: str, today: Sequence[str]) -> bool:
        """Whether a division only had a county's name before that a county elsewhere has today: 新城区 of 南宁.

        It is not meant unless something rare in the text lies there. Where several counties have the name today, it
        must be a road.

        Args:
            proposals: what speaks for each county.
            code: of the division.
            today: what `lone_counties` returns of the match.
        """
        if not today or any(one.startswith(code) for one in today):
            return False
        own = [number for number in self.proposer.below[code].tolist() if number in proposals.candidates]
        if not own or any(len(proposals.candidates[number].used) != 1 for number in own):
            return False
        former = self.proposer.former
        if len(today) == 1 or former.remembers:
            return not former.may_be_meant(proposals.match, code)
        return not former.has_road(proposals.match, code)


def lone_county(candidate: Candidate | None) -> str:
    """Return the whole name of the county that is all a candidate was read from, else ``""``; of none overseas."""
    used = candidate.used if candidate is not None else ()
    if candidate is None or len(used) != 1 or used[0].kind != FULL or len(used[0].code) != 6:
        return ""
    return "" if candidate.code.startswith(OVERSEAS) else used[0].name


def lone_counties(match: Match) -> list[str]:
    """Return the codes of the candidates that `lone_county` has a name of."""
    return [candidate.code for candidate in match.candidates if lone_county(candidate)]


def _knows(county: str) -> bool:
    """Whether the lists have enough of the roads of a county's city."""
    roads = load_roads()
    return 1.0 - math.exp(roads.lacks.get(roads.city_of(county), 0.0)) >= KNOWN_SHARE
