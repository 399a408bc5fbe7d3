"""A county or city behind the province that it does not lie in, or no longer: 河北省密云县, 江苏青浦县, 广东省海口市.

The matcher reads the province alone, or a place of it that sounds alike. The whole name tells the place, and the
province goes against it. A district counts in a municipality only: people call more places districts than the table
has. A former name counts where the province once had the place: 江西省万宁县 may be a mistyped 万年县.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from buqi.address.completion import AGAINST, REFUSALS, Completion
from buqi.address.confidence_caps import MOST_AGAINST
from buqi.divisions import Matcher
from buqi.divisions.meaning import FORMER, FULL, Meaning
from buqi.divisions.names import short_names
from buqi.divisions.table import MUNICIPALITIES, OVERSEAS
from buqi.divisions.text import read
from buqi.divisions.town_reader import GOES_ON

SHORTEST = 3  # characters of such a name
KINDS = "市县区旗"
READ_AS = ": read as "  # in the note of a mistyped name
PROVINCE = 2  # characters of its code
# Which provinces and municipalities took counties from a province, or lie beside it.
BESIDE = {"13": ("11", "12"), "32": ("31",), "33": ("31",), "44": ("46",), "51": ("50",)}


class OldProvinces:
    """Reads such a county or city where it was left unread.

    Args:
        matcher: has the names.
        complete: completes the text behind the province.
    """

    def __init__(self, matcher: Matcher, complete: Callable[[str], Completion]) -> None:
        self.lexicon, self.complete = matcher.lexicon, complete
        provinces = (division for division in matcher.table.at("province") if not division.code.startswith(OVERSEAS))
        self._provinces = {form: p.code for p in provinces for form in (p.name, *short_names(p.name)) if len(form) > 1}
        self._lengths = sorted({len(form) for form in self._provinces}, reverse=True)
        self._starts = frozenset(form[:2] for form in self._provinces)

    def read(self, answer: Completion) -> Completion:
        """Return the answer of the county or city behind a province, or ``answer`` itself."""
        text = answer.input
        if text[:2] not in self._starts:
            return answer  # most addresses
        form = next((text[:length] for length in self._lengths if text[:length] in self._provinces), "")
        name = self._elsewhere(text, form) if form else ""
        if not name or not _is_unread(name, answer):
            return answer
        found = self.complete(text[len(form) :])
        if found.status in REFUSALS or found.lead or found.code.startswith(self._provinces[form]):
            return answer
        detail, note = form + found.detail, AGAINST.format(form)
        confidence = min(found.confidence or 0.0, MOST_AGAINST)
        notes = (*found.notes, note)
        return replace(
            found, input=text, detail=detail, full=found.path.full + detail, confidence=confidence, notes=notes
        )

    def _elsewhere(self, text: str, form: str) -> str:
        """Return the whole name behind a province that one county or city elsewhere has or had, ``""`` if none does."""
        line, province = read(text).plain, self._provinces[form]
        for length, meanings in self.lexicon.starting(line, len(form)):
            name = line[len(form) : len(form) + length]
            named = [
                m for m in meanings if m.level < 4 and m.kind in (FULL, FORMER) and not m.code.startswith(OVERSEAS)
            ]
            if length < SHORTEST or name[-1] not in KINDS or GOES_ON.match(line, len(form) + length):
                continue
            today = {m.code for m in named if m.kind == FULL} or {m.code for m in named}
            alone = len(today) == 1 and not any(m.code.startswith(province) for m in meanings)
            return name if alone and all(_counts(m, name, province) for m in named) else ""
        return ""


def _counts(meaning: Meaning, name: str, province: str) -> bool:
    """Whether a name may be meant behind a province that it does not lie in."""
    if len(meaning.code) == PROVINCE:
        return False
    beside = meaning.code[:2] in BESIDE.get(province, ())
    if name.endswith("区"):
        return beside and meaning.code[:2] in MUNICIPALITIES
    return beside or meaning.kind == FULL


def _is_unread(name: str, answer: Completion) -> bool:
    """Whether a name was not read, or as a mistyped one."""
    if answer.status in REFUSALS or answer.detail.startswith(name):
        return True
    return any(note.startswith(name + READ_AS) for note in answer.notes)
