"""A county by its short name before a town that it has no longer: 江苏武进郑陆镇, 余杭塘栖镇.

With the county's whole name the matcher reads such towns. The text with that name is completed. So it is where such a
town is written with another kind: 长沙县跳马乡.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

from buqi.address.completion import Completion
from buqi.address.confidence_caps import MOST_AGAINST
from buqi.address.front_names import FrontName, front_names
from buqi.divisions import Matcher
from buqi.divisions.meaning import FORMER, FULL, SHORT
from buqi.divisions.stems import town_stem
from buqi.divisions.text import Reading, read
from buqi.divisions.town_reader import END_KINDS
from buqi.expressions import expression

TOWN_AHEAD = expression(r"[\u4e00-\u9fff]{1,6}?(?:镇|乡|街道|苏木)")
TOWN_NEAR = expression(r"[镇乡木]|街道")
COUNTY, CITY = 6, 4  # characters of their codes
TOWN = 4  # its level
DISTRICT = "区"  # between these towns moved
LONGEST = 80  # characters of a text that is read
MISTYPED = ": read as "  # in the note of a mistyped name
LIES_IN = " lies in "  # in the note of a town that moved


class Today(NamedTuple):
    """The name of today of a town, and how many characters are written for it."""

    length: int
    name: str


class ShortCounties:
    """Reads a county before a town that it has no longer, in what was refused or answered without that town.

    Args:
        matcher: has the names.
        complete: completes the text with the whole names.
    """

    def __init__(self, matcher: Matcher, complete: Callable[[str], Completion]) -> None:
        self.lexicon, self.table, self.towns = matcher.lexicon, matcher.table, matcher.names.towns
        self.complete = complete

    def read(self, answer: Completion) -> Completion:
        """Return the answer that the whole names give, or ``answer`` itself if they give no town that moved."""
        text = answer.input
        read_so = answer.status == "complete"
        if read_so and not any(MISTYPED in note for note in answer.notes):
            return answer
        if len(text) > LONGEST or TOWN_NEAR.search(text if read_so else answer.detail) is None:
            return answer
        reading = read(text)
        front = front_names(self.lexicon, reading.plain, reading.inside(len(answer.lead)))
        if not front or TOWN_AHEAD.match(reading.plain, front[-1].end) is None:
            return answer
        county = _county(front[-1].codes, answer.code)
        today = self._of_today(reading.plain, front[-1].end, county) if county else None
        if not county or (today is None and not self._is_elsewhere(reading.plain, front[-1], county)):
            return answer
        return self._whole(answer, reading, front[-1], county, today) or answer

    def _whole(
        self, answer: Completion, reading: Reading, last: FrontName, county: str, today: Today | None
    ) -> Completion | None:
        """Return the answer to the text with whole names; ``None`` if it has no town that moved in the city.

        Args:
            answer: the first one.
            reading: its text.
            last: the county's name.
            county: its code.
            today: the town by its name of today, if it is not written so.
        """
        text, name = reading.raw, self.table.names[county]
        start, end = reading.span(last.start, last.end)
        behind, notes = text[end:], dict[str, None]()
        if today is not None:
            begin, stop = reading.span(last.end, last.end + today.length)
            behind = text[end:begin] + today.name + text[stop:]
            notes[f"{text[begin:stop]}: today {today.name}"] = None
        found = self.complete(text[:start] + name + behind)
        moved = any(LIES_IN in note for note in found.notes) and found.code[:CITY] == county[:CITY]
        if found.status != "complete" or not moved or not self._may_have_moved(found, county):
            return None
        own = (
            note.replace(f"{name}: ", f"{text[start:end]}: ") if note.startswith(name) else note for note in found.notes
        )
        confidence = min(found.confidence or 0.0, MOST_AGAINST)
        return replace(found, input=answer.input, confidence=confidence, notes=(*dict.fromkeys(own), *notes))

    def _is_elsewhere(self, text: str, last: FrontName, county: str) -> bool:
        """Whether a town of another county of the city stands behind a short name."""
        named = (m.code for _, meanings in self.lexicon.starting(text, last.end) for m in meanings if m.level == TOWN)
        return last.kind == SHORT and any(c[:CITY] == county[:CITY] and not c.startswith(county) for c in named)

    def _may_have_moved(self, found: Completion, county: str) -> bool:
        """Whether a town lies in a district, or the sources say that it lay in the county: 吴江 never had 周庄镇."""
        if found.path.name("county").endswith(DISTRICT):
            return True
        named = self.lexicon.names.get(found.path.name("town"), ())
        return any(m.kind == FORMER and m.code == county for m in named)

    def _of_today(self, text: str, at: int, county: str) -> Today | None:
        """Return the one town of the country that has the name at a position with another kind: 长沙县跳马乡.

        It lies in another county of the city. ``None`` if there is none.
        """
        city = self.table.by_code[county].parent
        if any(m.level == TOWN for _, meanings in self.lexicon.starting(text, at) for m in meanings):
            return None  # that is the name of a town
        other = self.towns.other_kind(text, at, city) if city else None
        if other is None or other[1].code.startswith(county):
            return None
        stem = town_stem(other[1].name)
        having = [m for kind in END_KINDS for m in self.lexicon.names.get(stem + kind, ()) if m.level == TOWN]
        lone = len({m.code for m in having if m.kind == FULL}) == 1
        return Today(other[0], other[1].name) if lone else None


def _county(codes: Sequence[str], answered: str) -> str:
    """Return the county that a name means: that of the answer, or the only one.

    ``""`` if it means several, or a city too: 长沙 is no 长沙县.
    """
    if any(len(code) < COUNTY for code in codes):
        return ""
    counties = [code for code in codes if answered.startswith(code)] if len(codes) > 1 else codes
    return counties[0] if len(counties) == 1 else ""
