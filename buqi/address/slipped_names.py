"""A city or county that is mistyped between two names that agree: 江苏省苏州市昆善花桥镇, 浙江 义鸟 佛堂.

The matcher reads mistyped names in full. Here the kind is missing, or the name was written before. What is around the
division must stand before the name, and something that lies in the division behind it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import NamedTuple

from buqi.address.completion import AGAINST, REFUSALS, Completion
from buqi.address.confidence_caps import LESS_SURE, MOST_AGAINST
from buqi.address.front_names import front_names
from buqi.address.slip_index import SlipIndex
from buqi.divisions import Matcher
from buqi.divisions.meaning import FORMER, FULL, SHORT
from buqi.divisions.mistyping import MISTYPINGS
from buqi.divisions.text import Reading, read
from buqi.expressions import expression

LONGEST = 80  # characters of a text that is read
OPEN_BELOW = 0.98  # a town of less confidence is read again: the county may stand in the detail
MOST_SLIPS = 2  # names of one text that are mistyped
# What is unread begins with a town, or with names that are apart. Most addresses without a town have neither.
MAY_BE = expression(r"[\s,，、/|;；·\-]*[\u4e00-\u9fff]{2,12}?(?:[\s,，、/|;；·\-]+[\u4e00-\u9fff]|镇|乡|街道|苏木)")
TOWN_KINDS = ("镇", "乡", "木", "街道")


class Slip(NamedTuple):
    """A mistyped name.

    Attributes:
        start: where it begins in the text as the matcher reads it.
        end: where it ends.
        code: of the division that is meant.
        kind: how it is mistyped, one of `MISTYPINGS`.
        whole: whether the whole name of what lies in the division follows.
    """

    start: int
    end: int
    code: str
    kind: str
    whole: bool


class SlippedNames:
    """Reads a mistyped city or county in what was refused, or answered without a town.

    Args:
        matcher: has the names.
        complete: completes the text with the right name.
    """

    def __init__(self, matcher: Matcher, complete: Callable[[str], Completion]) -> None:
        self.lexicon, self.table, self.towns = matcher.lexicon, matcher.table, matcher.names.towns
        self.complete, self.index = complete, SlipIndex(matcher.table)

    def read(self, answer: Completion) -> Completion:
        """Return the answer with the right name, or ``answer`` itself if no name or several may be meant."""
        doubtful = answer.status in REFUSALS or (answer.confidence or 0.0) < OPEN_BELOW
        if not doubtful and (answer.status == "complete" or MAY_BE.match(answer.detail) is None):
            return answer
        if len(answer.input) > LONGEST:
            return answer
        reading = read(answer.input)
        front = front_names(self.lexicon, reading.plain, reading.inside(len(answer.lead)))
        if not front:
            return answer
        at, around = front[-1].end, max((min(name.codes, key=len) for name in front), key=len)
        found: dict[str, Completion] = {}
        for slip in self._slips(reading, at, around, MOST_SLIPS):
            if (right := self._corrected(answer, reading, slip)) is not None:
                found.setdefault(right.code, right)
        return found.popitem()[1] if len(found) == 1 else answer

    def _slips(self, reading: Reading, at: int, around: str, most: int) -> Iterator[Slip]:
        """Yield the names that may be meant at a position, the longest text first.

        Args:
            reading: the text.
            at: the position.
            around: code of what is named before.
            most: how many names may be mistyped from here on.
        """
        text = reading.plain
        if self._is_name(text, at, around):
            return
        last = max([text.rfind(kind) for kind in TOWN_KINDS]) if most > 1 else -1
        for end in range(min(at + self.index.longest, len(text) - 1), at + 1, -1):
            if end > last and text[end : end + 2] not in self.lexicon.lengths:
                continue  # nothing that has a name follows
            start, stop = reading.span(at, end)
            if stop - start != end - at:
                continue  # a separator stands inside
            for code, kind in self.index.meant(text[at:end], around):
                if follows := self._follows(reading, end, code, most):
                    yield Slip(at, end, code, kind, follows == FULL)

    def _is_name(self, text: str, at: int, around: str) -> bool:
        """Whether what stands at a position is a name itself: of a division above the towns, or of a town around."""
        named = (m for _, meanings in self.lexicon.starting(text, at, under=True) for m in meanings)
        kinds = (FULL, SHORT, FORMER)
        return any(m.kind in kinds and (m.level < 4 or m.code.startswith(around)) for m in named)

    def _follows(self, reading: Reading, at: int, code: str, most: int) -> str:
        """Return ``FULL`` if the whole name of something in a division stands at a position, ``""`` if nothing does.

        ``SHORT`` if only a short name does.
        """
        text = reading.plain
        named = [m for _, meanings in self.lexicon.starting(text, at, under=True) for m in meanings]
        kinds = {m.kind for m in named if len(m.code) > len(code) and m.code.startswith(code)}
        if FULL in kinds or SHORT in kinds:
            return FULL if FULL in kinds else SHORT
        if not self.table.has_counties(code):
            return self._town(reading, at, code)
        if most > 1 and next(self._slips(reading, at, code, most - 1), None) is not None:
            return SHORT
        return ""

    def _town(self, reading: Reading, at: int, code: str) -> str:
        """Return what `_follows` does of the towns of a county."""
        text = reading.plain
        if self.towns.other_kind(text, at, code) is not None:
            return FULL
        ends = [at + len(stem) for stem in self.towns.stems_at(text, at, code) if text.startswith(stem, at)]
        apart = any(end - at > 1 and (end == len(text) or reading.parted(end)) for end in ends)
        return SHORT if apart else ""

    def _corrected(self, answer: Completion, reading: Reading, slip: Slip) -> Completion | None:
        """Return the answer to the text with the right name; ``None`` if it does not lie deeper in that division."""
        text, name = reading.raw, self.table.names[slip.code]
        start, end = reading.span(slip.start, slip.end)
        found = self.complete(text[:start] + name + text[end:])
        deeper = found.code.startswith(slip.code) and found.code != slip.code
        against = any(note.endswith(AGAINST.format("")) for note in found.notes)
        if found.status in REFUSALS or not deeper or against or found.detail.count(name) > text.count(name):
            return None
        confidence = min(found.confidence or 0.0, MOST_AGAINST if slip.whole else LESS_SURE)
        note = f"{text[start:end]}: read as {name} ({MISTYPINGS[slip.kind]})"
        return replace(found, input=answer.input, confidence=confidence, notes=(note, *found.notes))
