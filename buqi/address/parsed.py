"""An address in the forms that evidence is looked for in."""

from __future__ import annotations

from functools import cached_property

from buqi.address.counties import Counties
from buqi.divisions import Candidate, Match, Matcher
from buqi.divisions.meaning import FULL, SHORT
from buqi.divisions.pieces import NUMBERS
from buqi.divisions.text import read
from buqi.expressions import expression
from buqi.gazetteer.place_names import place_names, without_left, without_zone, without_zone_words

FRONT = 24  # characters of the part whose pieces are looked up
# A room or its building: 29栋1426室, 底层, 3单元.
ROOM = expression(
    r"(?:[（(]?[\dA-Za-z一二三四五六七八九十底地首顶][\dA-Za-z#、,，－—~-]{0,8}?(?:号楼|单元|[栋幢座室层楼房户间门])[）)]?)+"
    r"(?:[-－—]?[0-9]{2,4})?$"
)
ROOM_ENDS = frozenset("楼元栋幢座室层房户间门）)0123456789")  # one of these ends every `ROOM`
TIED = 0.5  # in the matcher's units: readings no further apart are equally good


class ParsedAddress:
    """An address, what the matcher read of it, and the forms of its text.

    Args:
        match: what the matcher read.
        matcher: that matcher.
        counties: the counties by number.

    Attributes:
        best: its first candidate, if it has one.
        candidates: by the number of a county, the best candidate that lies in it, or that it lies in.
        whole: the address as the matcher reads it, with the names: one that was read (东湖) may begin a zone's name.
        rest: what stands behind the names that were read; all of it if none counts.
        without_room: `rest` without the room at its end.
        names: names of roads, estates, villages, zones and towns in `rest`.
        place: the part of `rest` whose pieces are looked up in the names of smaller places.
    """

    # What every kind of evidence needs is no cached_property: that takes a lock when it is made.

    def __init__(self, match: Match, matcher: Matcher, counties: Counties) -> None:
        self.match, self.matcher, self.counties = match, matcher, counties
        self.best = match.candidates[0] if match.candidates else None
        self.candidates = self._by_county()
        self.whole = without_left(read(match.address).plain)
        self.rest = self._rest()
        self.without_room = without_room(self.rest)
        self.names = place_names(self.rest)
        self.place = place_of(self.rest)

    def _by_county(self) -> dict[int, Candidate]:
        found: dict[int, Candidate] = {}
        for candidate in self.match.candidates:
            under = self.counties.around(candidate.code)
            for number in () if under is None else under.tolist():
                if number not in found or candidate.named > found[number].named:
                    found[number] = candidate
        return found

    def _rest(self) -> str:
        if self.best is None or not self.match.equal:
            return self.whole
        return read(self.match.text[max(used.end for used in self.best.used) :]).plain

    @cached_property
    def asked(self) -> str:
        """The text that a memory is asked about: `rest`; `whole` if all names are short and may be no divisions."""
        surely_named = self.best and self.match.equal and any(used.kind != SHORT for used in self.best.used)
        return self.rest if surely_named else self.whole

    @cached_property
    def asked_names(self) -> list[str]:
        """The same as `names`, of `asked`."""
        return self.names if self.asked == self.rest else place_names(self.asked)

    @cached_property
    def asked_place(self) -> str:
        """The same as `place`, of `asked`."""
        return self.place if self.asked == self.rest else place_of(self.asked)

    @property
    def is_named_in_full(self) -> bool:
        """Whether a county or city is named in full and nothing contradicts it. 城区 may be no name."""
        if self.best is None or not self.match.equal or self.best.contradicted:
            return False
        return any(u.kind == FULL and len(u.code) in (4, 6) and len(u.name) > 2 for u in self.best.used)


def without_room(text: str) -> str:
    """Return a text without the room at its end."""
    return ROOM.sub("", text) if text[-1:] in ROOM_ENDS else text


def place_of(text: str) -> str:
    """Return the part of a text whose pieces are looked up: without words for zones, without numbers, up to 号."""
    return NUMBERS.sub(" ", without_zone_words(without_zone(text)))[:FRONT]
