"""A second reading of addresses that the evidence left open or gave a city only.

Two things are certain enough where nothing else is: an area of the state by its whole name, and the short names of a
county and one of its towns side by side.
"""

from __future__ import annotations

from functools import cached_property

from buqi.address.agreeing import AgreeingNames
from buqi.address.areas import area_at
from buqi.address.completion import BY_TABLE, REFUSALS, Completion
from buqi.address.confidence_caps import LESS_SURE, MOST_AGAINST
from buqi.divisions import Matcher, Table
from buqi.divisions.names import short_names
from buqi.divisions.text import Reading, read

LONGEST = 40  # characters of a text that is read again
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

    def read(self, answer: Completion) -> Completion:
        """Return the answer of a second reading, or ``answer`` itself if that says more."""
        text = answer.input
        if not _is_open(answer, self.table) or len(text) > LONGEST:
            return answer
        reading = read(text)
        return self._area(answer, reading) or self._pair(answer, reading) or answer

    def _area(self, answer: Completion, reading: Reading) -> Completion | None:
        """Return the answer that an area at the front gives; names of what lies around it may stand before it."""
        text = reading.plain
        for at, around in _begins(answer, text):
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
        return code.startswith(answer.code) or (answer.confidence or 0.0) < MOST_AGAINST

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


def _begins(answer: Completion, text: str) -> list[tuple[int, str]]:
    """Return where an area may begin (at the front, or behind names of the answer's divisions), and their codes."""
    found, at = [(0, "")], 0
    for division in answer.path.divisions:
        for name in (division.name, *short_names(division.name)):
            if text.startswith(name, at):
                at += len(name)
                found.append((at, division.code))
                break
    return found
