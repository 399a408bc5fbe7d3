"""A mistyped city or county behind other words: 户籍地湖北荆洲监利市, 位于江西省上饶市戈阳县圭峰镇.

Behind other words a county's name is read alone, and a mistyped city before it stays with the words. A mistyped county
there is known by its city only. At the front of a text the matcher reads both.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from buqi.address.completion import AGAINST, REFUSALS, Completion
from buqi.address.slip_index import exchanged
from buqi.divisions import Matcher
from buqi.divisions.mistyping import MISTYPINGS
from buqi.divisions.names import short_names
from buqi.divisions.words import HAN
from buqi.expressions import expression

COUNTY = 6  # characters of its code
SEPARATORS = " \t\r\n\u3000,，/|-"
# A county's name and more at the front of what is unread.
KIND_AHEAD = expression(rf"{HAN}{{1,6}}?[县市区旗]{HAN}")
# What may stand right before a city's name: words before it end there.
BEFORE = tuple("住在于到至寄往送发地址:：()（）[]【】")


class SlippedLead:
    """Reads a mistyped name behind other words, in an answer that names its county.

    Args:
        matcher: has the names.
        complete: completes the text without the words before it.
    """

    def __init__(self, matcher: Matcher, complete: Callable[[str], Completion]) -> None:
        self.names, self.complete = matcher.lexicon.names, complete

    def read(self, answer: Completion) -> Completion:
        """Return the answer with the mistyped name read and noted, or ``answer`` itself."""
        if not answer.lead or answer.status in REFUSALS or len(answer.code) < COUNTY:
            return answer
        if len(answer.code) == COUNTY and KIND_AHEAD.match(answer.detail) and answer.input.startswith(answer.lead):
            return self._without_lead(answer)
        return self._with_city(answer)

    def _without_lead(self, answer: Completion) -> Completion:
        """Return the answer to the text behind the lead if it names a town of the county."""
        found = self.complete(answer.input[len(answer.lead) :])
        slipped = any(note.endswith(tuple(f"({words})" for words in MISTYPINGS.values())) for note in found.notes)
        against = any(note.endswith(AGAINST.format("")) for note in found.notes)
        deeper = found.code.startswith(answer.code) and len(found.code) > COUNTY
        if found.status in REFUSALS or found.lead or against or not (slipped and deeper):
            return answer
        return replace(found, input=answer.input, lead=answer.lead)

    def _with_city(self, answer: Completion) -> Completion:
        """Return the answer without its city's mistyped name at the end of the lead."""
        lead, city = answer.lead.rstrip(SEPARATORS), answer.path.name("city")
        if not city:
            return answer
        for form in (city, *short_names(city)):
            before, written = lead[: -len(form)], lead[-len(form) :]
            kind = exchanged(written, form) if len(written) == len(form) else ""
            if not kind or any(m.level < 4 for m in self.names.get(written, ())):
                continue
            front = self._without_province(answer, before)
            parted = lead != answer.lead and form != city  # 苏舟 昆山市 may be a person
            begins = not before or before[-1] in SEPARATORS or before.endswith(BEFORE)
            if front == before and (parted or not begins):
                continue
            note = f"{written}: read as {city} ({MISTYPINGS[kind]})"
            return replace(answer, lead=front, notes=(note, *answer.notes))
        return answer

    def _without_province(self, answer: Completion, text: str) -> str:
        """Return a text without the answer's province at its end."""
        province, text_left = answer.path.name("province"), text.rstrip(SEPARATORS)
        forms = (form for form in (province, *short_names(province)) if text_left.endswith(form))
        longest = max(forms, key=len, default="")
        return text_left[: -len(longest)] if longest else text
