"""Short names behind a road or house, the largest first: 建设路8号 浙江义乌佛堂镇, 延安西路728号上海长宁.

What stands behind the house is read as an address of its own. It counts if it is nothing but two certain names or more,
and no name was read before it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from buqi.address.certain_names import certain_answer
from buqi.address.completion import AGAINST, REFUSALS, Completion
from buqi.address.confidence_caps import LESS_SURE
from buqi.divisions import Matcher
from buqi.divisions.words import HAN
from buqi.expressions import expression

LONGEST = 60  # characters of a text that is read
# Names at the end, behind a separator or at once behind a house. Most addresses have none.
BEHIND = expression(
    rf"(?:(?<=[号楼栋幢室层座路街巷弄村厦院园城组期A-Za-z0-9])[\s,，、;；。(（]+|(?<=[号楼栋幢室层]))"
    rf"(?P<names>{HAN}{{2,4}}[\s,，、]*{HAN}{{2,12}}(?:[\s,，、]+{HAN}{{2,6}})?)[\s。.)）]*$"
)
SEPARATORS = " \t\u3000,，、;；(（"


class NamesBehind:
    """Reads the names at the end in what was refused, or answered without any name at its front.

    Args:
        matcher: has the names.
        complete: completes the names.
    """

    def __init__(self, matcher: Matcher, complete: Callable[[str], Completion]) -> None:
        self.matcher, self.complete = matcher, complete

    def read(self, answer: Completion) -> Completion:
        """Return the answer that the names at the end give, or ``answer`` itself."""
        text = answer.input
        if len(text) > LONGEST or answer.lead or not (answer.status in REFUSALS or answer.detail == text):
            return answer  # most addresses
        found = BEHIND.search(text)
        place = certain_answer(found["names"], self.matcher, self.complete) if found else None
        if found is None or place is None or not self._counts(place):
            return answer
        detail = text[: found.start()].rstrip(SEPARATORS)
        full = place.path.full + detail
        if place.code == answer.code:  # the names are said once
            return replace(answer, detail=detail, full=full)
        sure = min(place.confidence or 0.0, LESS_SURE)
        return replace(place, input=text, detail=detail, full=full, confidence=sure, alternatives=answer.alternatives)

    def _counts(self, place: Completion) -> bool:
        """Whether names are all that a text is, at least two of them, and none goes against the others."""
        used = self.matcher.match(place.input).candidates[0].used
        against = any(note.endswith(AGAINST.format("")) for note in place.notes)
        return len({name.code for name in used}) > 1 and not place.detail and not place.lead and not against
