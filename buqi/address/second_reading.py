"""A second reading of addresses that the evidence left open or gave a city only.

Three things are certain enough where nothing else is: an area of the state by its whole name, the short names of a
county and one of its towns side by side, and the short name of a town that no other place has.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

from buqi.address.agreeing import AgreeingNames
from buqi.address.areas import area_at
from buqi.address.completion import BY_TABLE, REFUSALS, Completion
from buqi.address.confidence_caps import LESS_SURE, MOST_AGAINST
from buqi.address.lone_towns import LoneTowns
from buqi.address.moved_towns import moved_town
from buqi.divisions import Matcher, Table
from buqi.divisions.meaning import FULL, SHORT
from buqi.divisions.names import short_names
from buqi.divisions.text import Reading, read
from buqi.expressions import expression

LONGEST = 40  # characters of a text that is read again
# A park of a zone in another county.
PARK = expression(
    r"(?:开发区|高新区|科技园区?|科学园|产业园区?)(?P<place>[\u4e00-\u9fff]{2,3})(?:分?园区?|片区)(?![\u4e00-\u9fff]?[路街])"
)
ZONE_END = expression(r"(?:新区|开发区|高新区|经开区|示范区|度假区|直管区|片区)(?=.{1,8}?(?:镇|乡|街道))")
LONE = 0.7  # of a town's short name alone: it may be that of a thing or a person too
Begin = tuple[int, str]  # where an area may begin, and the code of the division whose name ends there
OPEN_BELOW = 0.98  # a county of less confidence is read again, as its town may stand beside it


class SecondReader:
    """Reads again what was refused, or answered by a city or with doubt.

    Args:
        matcher: knows the names.
    """

    def __init__(self, matcher: Matcher) -> None:
        self.matcher, self.table = matcher, matcher.table

    @cached_property
    def pairs(self) -> AgreeingNames:
        """Finds counties and towns side by side."""
        return AgreeingNames(self.matcher)

    @cached_property
    def towns(self) -> LoneTowns:
        """Finds towns whose short name is all that a text says."""
        return LoneTowns(self.matcher)

    def read(self, answer: Completion) -> Completion:
        """Return the answer of a second reading, or ``answer`` itself if that says more."""
        text = answer.input
        if len(text) > LONGEST:
            return answer
        if PARK.search(text) and (park := self._park(answer, read(text))):
            return park
        if len(answer.code) == 6 and answer.status not in REFUSALS and (moved := self._moved(answer)):
            return moved
        if not _is_open(answer, self.table):
            return answer
        reading = read(text)
        begins = _begins(answer, reading.plain)
        found = self._area(answer, reading, begins) or self._pair(answer, reading)
        found = found or self._town(answer, reading, begins) or answer
        return self._behind_zone(found, reading) or found

    def _area(self, answer: Completion, reading: Reading, begins: list[Begin]) -> Completion | None:
        """Return the answer that an area at the front gives; names of what lies around it may stand before it."""
        text = reading.plain
        for at, around in begins:
            area = area_at(text, at)
            if area is None or not (area.of_own or answer.status in REFUSALS):
                continue
            code = around if around.startswith(area.code) else area.code  # 沈阳沈抚新区
            if code.startswith(around) and self._may_be(answer, code, alone=area.end == len(text)):
                confidence = MOST_AGAINST if len(code) == 2 else LESS_SURE
                return self._given(answer, code, reading.raw[reading.after(at) :], confidence)
        return None

    def _pair(self, answer: Completion, reading: Reading) -> Completion | None:
        """Return the answer that a county and a town side by side give."""
        pair = self.pairs.find(reading)
        behind = answer.lead and answer.status not in REFUSALS  # the first reading begins behind the pair
        if pair is None or behind or not self._may_be(answer, pair.code):
            return None
        detail = reading.raw[reading.after(pair.end) :]
        county = self.table.names[self.table.county_of(pair.code)]
        notes = (f"{pair.former}: today {county}",) if pair.former else ()
        return self._given(answer, pair.code, detail, MOST_AGAINST if len(pair.code) == 9 else LESS_SURE, notes)

    def _moved(self, answer: Completion) -> Completion | None:
        """Return the answer that a town gives which another district has today."""
        moved = moved_town(answer.detail, answer.code, self.matcher)
        if moved is None:
            return None
        town, today = self.table.path(moved.code), self.table.path(moved.code[:6])
        notes = (f"{self.table.names[answer.code]}: {town.name('town')} lies in {today.name('county')} today",)
        confidence = min(answer.confidence or LESS_SURE, LESS_SURE)
        return replace(self._given(answer, moved.code, answer.detail[moved.end :], confidence, notes), lead=answer.lead)

    def _town(self, answer: Completion, reading: Reading, begins: list[Begin]) -> Completion | None:
        """Return the answer that a town's short name gives, alone or behind names of what lies around it."""
        text = reading.plain
        for at, around in begins:
            town = self.towns.find(text[at:])
            if town and town.startswith(around) and self._may_be(answer, town):
                rest = reading.raw[reading.after(at) :]
                alone = self.table.names[town].startswith(text[at:])
                return self._given(answer, town, "" if alone else rest, LONE)
        return None

    def _park(self, answer: Completion, reading: Reading) -> Completion | None:
        """Return the answer that the place in a park's name gives: 漕河泾开发区松江园区 is in 松江."""
        found = PARK.search(reading.plain)
        around = answer.path.divisions[0].code if answer.path.divisions else ""
        named = self.matcher.lexicon.names.get(found["place"], ()) if found else ()
        codes = {m.code for m in named if m.level == 3 and m.kind in (FULL, SHORT) and m.code.startswith(around)}
        code = codes.pop() if len(codes) == 1 else ""
        if not code or answer.code.startswith(code):
            return None
        at = next((at for at, above in reversed(_begins(answer, reading.plain)) if code.startswith(above)), 0)
        return self._given(answer, code, reading.raw[reading.after(at) :], LESS_SURE)

    def _behind_zone(self, answer: Completion, reading: Reading) -> Completion | None:
        """Return the answer that the one town of its name in a city gives, behind a zone: 贵安新区湖潮乡."""
        if answer.status in REFUSALS or len(answer.code) > 4 or not self.table.has_counties(answer.code):
            return None
        text = reading.plain
        if ZONE_END.search(text) is None:
            return None  # most addresses
        start = _begins(answer, text)[-1][0]
        for zone in ZONE_END.finditer(text, start):
            length, town = self._town_at(text, zone.end(), answer.code)
            if town:
                detail = reading.raw[reading.after(start) : reading.after(zone.end())]
                detail += reading.raw[reading.after(zone.end() + length) :]
                return self._given(answer, town, detail, min(answer.confidence or LESS_SURE, LESS_SURE))
        return None

    def _town_at(self, text: str, at: int, city: str) -> tuple[int, str]:
        """Return the length and the code of the one town of a city that stands at a position; ``(0, "")`` if none."""
        for length, meanings in self.matcher.lexicon.starting(text, at):
            towns = [m.code for m in meanings if m.level == 4 and m.kind == FULL and m.code.startswith(city)]
            if towns:
                return (length, towns[0]) if len(towns) == 1 else (0, "")
        other = self.matcher.names.towns.other_kind(text, at, city)
        return (other[0], other[1].code) if other else (0, "")

    def _may_be(self, answer: Completion, code: str, alone: bool = False) -> bool:
        """Whether an answer leaves a division open: it is a refusal, or lies around it; or is another place's in doubt.

        Args:
            answer: the first one.
            code: of the division.
            alone: whether the text holds nothing but the name of the division.
        """
        if answer.status in REFUSALS:
            return True
        if answer.code == code or (answer.code.startswith(code) and not alone):
            return False
        least = OPEN_BELOW if len(answer.code) <= 4 else MOST_AGAINST  # 江北新区泰山街道: many cities have such a zone
        return code.startswith(answer.code) or (answer.confidence or 0.0) < least

    def _given(
        self, answer: Completion, code: str, detail: str, confidence: float, notes: tuple[str, ...] = ()
    ) -> Completion:
        path = self.table.path(code)
        return Completion.known(answer.input, path, detail, confidence, BY_TABLE, notes=notes)


def _is_open(answer: Completion, table: Table) -> bool:
    """Whether an answer is a refusal, has no county, or is not of the surest."""
    if answer.status in REFUSALS:
        return True
    code = answer.code
    without_county = len(code) < 6 and (len(code) == 2 or table.has_counties(code))
    return without_county or (answer.confidence or 0.0) < OPEN_BELOW


def _begins(answer: Completion, text: str) -> list[Begin]:
    """Return where an area may begin: at the front, or behind names of the answer's divisions."""
    found, at = [(0, "")], 0
    for division in answer.path.divisions:
        name = division.name
        if not text.startswith(name, at):
            name = next((short for short in short_names(name) if text.startswith(short, at)), "")
        if name:
            at += len(name)
            found.append((at, division.code))
    return found
