"""A town by nothing but its name without its kind: 甪直, 洛带古镇, 苏州甪直古镇.

It must be the only place of that name in the table: no other county may have a town or a village of it.
"""

from __future__ import annotations

from buqi.address.settled import COMMON_WORDS
from buqi.divisions import Matcher
from buqi.divisions.lexicon_names import GENERIC
from buqi.divisions.stems import town_stem
from buqi.expressions import expression
from buqi.gazetteer.landmarks import load_landmarks

LONGEST = 4  # characters of such a name
TOWNS = ("镇", "乡", "街道", "苏木")
VILLAGES = ("", "村")
WATERS = ("湖", "海", "江", "河")  # a lake is larger than the town on its shore
# What people call an old or a scenic town.
SIGHT = expression(r"(?:古[镇城]|老街|(?:风景|名胜|旅游)*(?:风景|名胜|旅游|景)区)$")
SIGHT_LAST = frozenset("镇城街区\n")  # what it matches at; most texts end in another character


class LoneTowns:
    """Finds the one town whose name without its kind is all of a text.

    Args:
        matcher: knows the names and the table.
    """

    def __init__(self, matcher: Matcher) -> None:
        self.names, self.table = matcher.lexicon.names, matcher.table
        self.towns, self.small = matcher.names.towns, matcher.small_names
        self.counties = list(self.small.number)
        self.landmarks = load_landmarks()

    def find(self, text: str) -> str:
        """Return the town's code, ``""`` if there is none or the name may be something else."""
        stem = SIGHT.sub("", text) if text[-1:] in SIGHT_LAST else text
        if not 2 <= len(stem) <= LONGEST or stem.endswith(WATERS) or GENERIC.fullmatch(stem):
            return ""
        if stem in self.names or stem in COMMON_WORDS:
            return ""
        having = {int(n) for kind in TOWNS for n in self.small.whole.counties(stem + kind)}
        if len(having) != 1:
            return ""
        county = self.counties[having.pop()]
        if any(self.counties[int(n)] != county for kind in VILLAGES for n in self.small.whole.counties(stem + kind)):
            return ""
        if not all(county.startswith(city) for city in self.landmarks.names.get(text, ())):
            return ""
        town = self.towns.called(stem, county)
        return town if town and town_stem(self.table.names[town]) == stem else ""
