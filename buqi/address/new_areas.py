"""New areas that are called by the short name of a county or city: 南沙新区, 福州新区, 舟山群岛新区.

The two words are one name, and it stays whole: 南沙区新区 is no place. 新区 behind another city's short name is a part
of that city (苏州新区), and stands in the detail without the city's name.
"""

from __future__ import annotations

from buqi.divisions.match import Used
from buqi.divisions.meaning import SHORT
from buqi.divisions.words import ROAD_NAMED_AFTER
from buqi.expressions import expression

NEW_AREA = expression(rf"(?:群岛)?新区(?!{ROAD_NAMED_AFTER}|村)")
OF_STATE = frozenset(("2201", "2301", "3309", "3501", "6201"))  # cities with a new area of their name
COUNTY = 6  # digits of a county's code


def begins_new_area(text: str, used: Used) -> bool:
    """Whether a short name that was read in a text begins the name of a new area."""
    if used.kind != SHORT or used.zone or NEW_AREA.match(text, used.end) is None:
        return False
    return len(used.code) == COUNTY or used.code in OF_STATE
