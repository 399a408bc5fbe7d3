"""What a written name can mean: a division, and how it is written."""

from __future__ import annotations

from typing import NamedTuple

FULL, SHORT, FORMER = "full", "short", "former"
MOVED = "moved"  # the name of the county that a town lay in before
MISSING = "missing"  # a name with a character left out

# What a name is worth less for the way it is written. What it is worth at all: `buqi.divisions.chain.WEIGHT`.
COST = {
    FULL: 0.0,
    FORMER: 0.3,
    SHORT: 0.6,
    "generic": 1.2,  # added for short names that are common words: 城关, 河东, 红旗
    "province": 1.5,  # added, where it stands alone, for a short name that is first of all a province's
    "people": 0.1,  # an autonomous county without its people: 秀山县
    "kind": 0.8,  # a subdistrict written as the town that it was
    "zone": 1.3,  # no answer where it stands alone: many zones have one name, and no list of them is complete
    "taken": 0.7,  # a rare character for which people often write this one
    "sound": 0.9,
    "near": 1.2,
    "shape": 1.4,
    "doubled": 1.0,
    "swapped": 1.2,
    MISSING: 1.4,
    "added": 1.9,
    "other": 2.3,
    "suffix": 0.5,  # a town written as another kind of town
}


class Meaning(NamedTuple):
    """One division that a written name can mean.

    Attributes:
        code: the division.
        kind: ``full``, ``short``, ``former`` (a former name or a zone), ``moved`` (the county that a town lay in
            before), or how it is mistyped, one of `buqi.divisions.mistyping.MISTYPINGS`.
        name: the right name.
        level: 1 to 4. A former name has the level that it had.
        cost: what it is worth less than the full name.
        alone: what it is worth less in addition where no name of a division around it stands before it.
        covered: what a former name is worth less in addition where a whole name of today has the same characters.
    """

    code: str
    kind: str
    name: str
    level: int
    cost: float = 0.0
    alone: float = 0.0
    covered: float = 0.0


def depth(code: str) -> int:
    """Return the level of a code: 1 to 4."""
    return 4 if len(code) >= 9 else len(code) // 2


ZONE = Meaning("", "zone", "", 0)  # a zone between two names that no list has: no division
