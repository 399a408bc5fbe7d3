"""An address in the forms that evidence is looked for in."""

from __future__ import annotations

import re
from functools import cached_property

from buqi.address.counties import Counties
from buqi.divisions import Candidate, Match, Matcher
from buqi.divisions.pieces import NUMBERS
from buqi.divisions.text import read
from buqi.gazetteer.place_names import place_names, without_left, without_zone, without_zone_words

FRONT = 24  # characters whose pieces are looked up
# What says where in a building: 29栋1426室, 底层, 3单元.
ROOM = re.compile(
    r"(?:[（(]?[\dA-Za-z一二三四五六七八九十底地首顶][\dA-Za-z#、,，－—~-]{0,8}?(?:号楼|单元|[栋幢座室层楼房户间门])[）)]?)+"
    r"(?:[-－—]?[0-9]{2,4})?$"
)
ROOM_ENDS = frozenset("楼元栋幢座室层房户间门）)0123456789")  # most addresses end in none of them
TIED = 0.5  # in the matcher's units: names no further apart are equally good


class ParsedAddress:
    """An address, what the matcher read of it, and its forms; each is made once, when it is first asked for.

    Args:
        match: what the matcher read.
        matcher: that matcher.
        counties: the counties by number.
    """

    def __init__(self, match: Match, matcher: Matcher, counties: Counties) -> None:
        self.match, self.matcher, self.counties = match, matcher, counties
        self.best = match.candidates[0] if match.candidates else None

    @cached_property
    def candidates(self) -> dict[int, Candidate]:
        """For a county's number, the best candidate that lies there, or that it lies in."""
        found: dict[int, Candidate] = {}
        for candidate in self.match.candidates:
            under = self.counties.around(candidate.code)
            for number in () if under is None else under.tolist():
                if number not in found or candidate.named > found[number].named:
                    found[number] = candidate
        return found

    @cached_property
    def whole(self) -> str:
        """All of it as the matcher reads it; 东湖 that was read as a county may begin a zone's name."""
        return without_left(read(self.match.address).plain)

    @cached_property
    def rest(self) -> str:
        """What stands behind the names that were read."""
        if self.best is None or not self.match.equal:
            return self.whole
        return read(self.match.text[max(used.end for used in self.best.used) :]).plain

    @cached_property
    def without_room(self) -> str:
        """`rest` without the room at its end."""
        return without_room(self.rest)

    @cached_property
    def asked(self) -> str:
        """What a memory is asked about: a short name may be no division after all, then all of it."""
        sure = self.best and self.match.equal and any(used.kind != "short" for used in self.best.used)
        return self.rest if sure else self.whole

    @cached_property
    def names(self) -> list[str]:
        """Names of roads, estates, villages, zones and towns in `rest`."""
        return place_names(self.rest)

    @cached_property
    def asked_names(self) -> list[str]:
        """Such names in `asked`."""
        return self.names if self.asked == self.rest else place_names(self.asked)

    @cached_property
    def place(self) -> str:
        """What of `rest` has pieces of names."""
        return place_of(self.rest)

    @cached_property
    def asked_place(self) -> str:
        """What of `asked` has pieces of names."""
        return self.place if self.asked == self.rest else place_of(self.asked)

    @cached_property
    def is_named_in_full(self) -> bool:
        """Whether a county or city is named in full and nothing speaks against it; 城区 may also be no name."""
        if self.best is None or not self.match.equal or self.best.contradicted:
            return False
        return any(u.kind == "full" and len(u.code) in (4, 6) and len(u.name) > 2 for u in self.best.used)


def without_room(text: str) -> str:
    """Return a text without the room at its end."""
    return ROOM.sub("", text) if text[-1:] in ROOM_ENDS else text


def place_of(text: str) -> str:
    """Return what of a text has pieces of names: no zone's kind, nothing from the first number on."""
    return NUMBERS.sub(" ", without_zone_words(without_zone(text)))[:FRONT]
