"""Addresses that end in the city or province they lie in: 东城区莞樟路3号，东莞 is read as 东莞东城区莞樟路3号."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cached_property

from buqi.address.completion import AGAINST, Completion
from buqi.address.end_names import CLOSING, PLACE_END, EndNames
from buqi.address.settled import MOST_AGAINST
from buqi.address.tail_names import TailNames
from buqi.divisions import Match, Matcher
from buqi.divisions.names import short_names

LONGEST = 16  # characters of a city's and a province's name together
SHORTEST_CITY = 2
MAY_FOLLOW = frozenset(" \t\n,，;；、/|.。—-国aA")  # names at the end: separators, 中国, China
SEPARATOR = re.compile(r"[\s,，;；、/|(（—-]+$")


class EndReader:
    """Finds the city or province at the end of an address that begins with a county or town.

    Args:
        matcher: reads the names.
    """

    def __init__(self, matcher: Matcher) -> None:
        self.matcher = matcher

    @cached_property
    def whole(self) -> frozenset[str]:
        """Names of the provinces and cities."""
        return frozenset(division.name for level in ("province", "city") for division in self.matcher.table.at(level))

    @cached_property
    def short(self) -> frozenset[str]:
        """Their short names, which count behind a separator only."""
        return frozenset(short for name in self.whole for short in short_names(name))

    @cached_property
    def last(self) -> frozenset[str]:
        """The last characters of all these names; most addresses end in none of them."""
        return frozenset(name[-1] for name in self.whole | self.short)

    @cached_property
    def tail(self) -> TailNames:
        """Finds a county at the end, with what is around it."""
        return TailNames(self.matcher.table)

    @cached_property
    def at_end(self) -> EndNames:
        """Reads whole names at the end of an answer."""
        return EndNames(self.matcher)

    def turned(self, match: Match) -> str:
        """Return an address with the city or province at its end put to the front, ``""`` if it is read as it stands.

        It is turned where the end and the names at its front are one place, or where a county stands at the end too.
        """
        text = match.text
        if found := self._with_county(match):
            return found
        cut, around = self.end_of_names(text)
        if not cut or not match.candidates or match.front:
            return ""
        turned = self.matcher.match(around + SEPARATOR.sub("", text[:cut]))
        if turned.equal != 1 or turned.candidates[0].against:
            return ""
        if match.equal == 1 and len(match.candidates[0].code) > len(turned.candidates[0].code):
            return ""  # 长安区王曲街道，石家庄: the town is that of another 长安区
        further = max(used.end for used in turned.candidates[0].used) > len(around)
        return turned.text if further else ""

    def _with_county(self, match: Match) -> str:
        """Return an address with the county at its end, and what is around it, put to the front."""
        cut, names = self._tail_of(match.text)
        if not names:
            return ""
        turned = self.matcher.match(match.lead + names + match.text[len(match.lead) : cut])
        if turned.equal != 1 or turned.candidates[0].against or turned.behind < len(match.lead + names):
            return ""
        return (
            "" if match.equal == 1 and len(match.candidates[0].code) > len(turned.candidates[0].code) else turned.text
        )

    def ends_in_names(self, text: str) -> bool:
        """Whether names at the end of a text may say where it lies."""
        if text[-1:] in CLOSING or PLACE_END.search(text):
            return True
        return (text[-1:] in self.last and self.end_of_names(text)[0] > 0) or bool(self._tail_of(text)[1])

    def _tail_of(self, text: str) -> tuple[int, str]:
        return self.tail.read(text) if text[-1:] in self.last or text[-1:] in MAY_FOLLOW else (0, "")

    def noted(self, answer: Completion) -> Completion:
        """Return an answer with a note, and less sure, where its text ends in another city or province.

        Names at the end that say the place again are left out.
        """
        text, path = answer.input, answer.path
        if not path.divisions or answer.status == "ambiguous":
            return answer
        if (answered := self.at_end.answered(answer)) is not None:
            return answered
        ended = text.rstrip(CLOSING)
        cut, names = self.end_of_names(ended)
        if not cut or SEPARATOR.sub("", text[:cut]) == "":
            return answer
        own = {form for division in path.divisions for form in (division.name, *short_names(division.name))}
        if any(names.endswith(name) for name in own):
            return answer
        return replace(
            answer,
            notes=(*answer.notes, AGAINST.format(ended[cut:])),
            confidence=min(answer.confidence or 0.0, MOST_AGAINST),
        )

    def end_of_names(self, text: str) -> tuple[int, str]:
        """Return where the city or province begins that ends ``text``, and its names from the largest; else 0."""
        cut, names = len(text), ""
        while (at := self._one(text[:cut], bool(names))) and len(text) - at <= LONGEST:
            names += text[at:cut]
            cut = at
        return (cut, names) if names else (0, "")

    def _one(self, text: str, joined: bool) -> int:
        if text[-1:] not in self.last:
            return 0
        for length in range(min(LONGEST, len(text) - 1), SHORTEST_CITY - 1, -1):
            at, name = len(text) - length, text[-length:]
            if name in self.whole and (length > SHORTEST_CITY or joined):
                return at
            if name in self.short and SEPARATOR.search(text[:at]):
                return at
        return 0
