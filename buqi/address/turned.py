"""Addresses that end in the city or province they lie in: 东城区莞樟路3号，东莞 is read as 东莞东城区莞樟路3号."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import cached_property

from buqi.address.completion import AGAINST, Completion
from buqi.address.confidence_caps import MOST_AGAINST
from buqi.address.end_names import CLOSING, PLACE_LAST, EndNames, ends_in_place
from buqi.address.parted_tail import PartedTail
from buqi.address.tail_names import TailNames
from buqi.divisions import Match, Matcher
from buqi.divisions.match import Used
from buqi.divisions.meaning import FULL
from buqi.divisions.mistyping import MISTYPED
from buqi.divisions.names import short_names
from buqi.divisions.words import HAN
from buqi.expressions import expression

LONGEST = 16  # characters of a city's and a province's name together
SHORTEST = 2  # characters of a name; a whole name that is so short counts only before another name
MAY_FOLLOW = frozenset(" \t\n,，;；、/|.。—-国aA")  # names at the end: separators, 中国, China
# A county or town, and what lies around it in brackets behind it.
IN_BRACKETS = expression(
    rf"(?P<name>{HAN}{{1,6}}(?:[区县市镇乡]|街道))[(（\[【《〈「{{](?P<around>{HAN}{{2,12}})[)）\]】》〉」}}]"
)
OPENED = expression(r"[(（\[【《〈「{]")
SEPARATOR = expression(r"[\s,，;；、/|(（—-]+$")


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
    def _may_end(self) -> frozenset[str]:
        """The last characters of a text that may end in names."""
        return self.last | MAY_FOLLOW | PLACE_LAST | frozenset(CLOSING)

    @cached_property
    def tail(self) -> TailNames:
        """Finds a county at the end, with what is around it."""
        return TailNames(self.matcher.table)

    @cached_property
    def parted(self) -> PartedTail:
        """Finds names that stand alone at the end."""
        return PartedTail(self.matcher, self.tail)

    @cached_property
    def at_end(self) -> EndNames:
        """Reads whole names at the end of an answer."""
        return EndNames(self.matcher)

    def turned(self, match: Match) -> Match:
        """Return the reading of an address with the city or province at its end put to the front.

        It is turned where the end and the names at its front are one place, or where a county or town stands at the
        end too.
        Otherwise ``match`` itself is returned.
        """
        if (turned := self._out_of_brackets(match)) is not None:
            return turned
        cut, names = self._tail_of(match.text)
        if names:
            front = match.lead + names
            turned = self.matcher.match(front + match.text[len(match.lead) : cut])
            if turned.behind >= len(front) and _is_as_deep(turned, match) and not _leaves_more(turned, match):
                return turned
        if _says_little(match) and (parted := self._parted(match)) is not None:
            return parted
        cut, names = self.end_of_names(match.text)
        if not cut or not match.candidates or match.front:
            return match
        turned = self.matcher.match(names + SEPARATOR.sub("", match.text[:cut]))
        used = turned.best.used if turned.best is not None else ()
        further = any(name.end > len(names) for name in used) and min(name.start for name in used) < len(names)
        if _has_mistyped(used) and not _has_mistyped(match.candidates[0].used):
            return match  # 福州福建长乐市
        return turned if further and _is_as_deep(turned, match) else match

    def _parted(self, match: Match) -> Match | None:
        """Return the reading with the names that stand alone at the end put to the front, ``None`` if none do."""
        tail = self.parted.read(match.text)
        if tail is None or tail.cut < len(match.lead):
            return None
        turned = self.matcher.match(match.lead + tail.names + SEPARATOR.sub("", match.text[len(match.lead) : tail.cut]))
        whole = turned.best is not None and turned.best.code.startswith(tail.code) and turned.lead == match.lead
        return turned if whole and _is_as_deep(turned, match) else None

    def _out_of_brackets(self, match: Match) -> Match | None:
        """Return the reading with a bracket behind the first name put before it: 鼓楼区（徐州）淮海东路.

        ``None`` if the bracket holds no names of what lies around that name.
        """
        found = IN_BRACKETS.match(match.address) if OPENED.search(match.address) else None
        if found is None or match.front:
            return None
        around, name = found["around"], found["name"]
        front = match.lead + around + name
        turned = self.matcher.match(front + match.address[found.end() :])
        inside = self.matcher.match(around)
        if not inside.candidates or inside.behind < len(around) or inside.front or inside.lead:
            return None
        whole = turned.behind >= len(front) and turned.lead == match.lead
        return turned if whole and _is_as_deep(turned, match) else None

    def ends_in_names(self, text: str) -> bool:
        """Whether names at the end of a text may say where it lies."""
        if text[-1:] not in self._may_end:
            return False  # most addresses
        if text[-1:] in CLOSING or ends_in_place(text):
            return True
        return (text[-1:] in self.last and self.end_of_names(text)[0] > 0) or bool(self._tail_of(text)[1])

    def _tail_of(self, text: str) -> tuple[int, str]:
        return self.tail.read(text) if text[-1:] in self.last or text[-1:] in MAY_FOLLOW else (0, "")

    def noted(self, answer: Completion) -> Completion:
        """Return an answer in which the names at the end of its text are taken into account.

        Names that say the place again are left out. Names of another place are noted, and make the answer less sure.
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
        """Return where the city or province at the end of ``text`` begins, and its names, the largest first.

        ``(0, "")`` if no name of a city or province stands there.
        """
        cut, names = len(text), ""
        while (at := self._last_name(text[:cut], bool(names))) and len(text) - at <= LONGEST:
            names += text[at:cut]
            cut = at
        return (cut, names) if names else (0, "")

    def _last_name(self, text: str, joined: bool) -> int:
        """Return where the last name in ``text`` begins, 0 if it ends in none; ``joined``: another name follows."""
        if text[-1:] not in self.last:
            return 0
        for length in range(min(LONGEST, len(text) - 1), SHORTEST - 1, -1):
            at, name = len(text) - length, text[-length:]
            if name in self.whole and (length > SHORTEST or joined):
                return at
            if name in self.short and SEPARATOR.search(text[:at]):
                return at
        return 0


def _leaves_more(turned: Match, match: Match) -> bool:
    """Whether a turned address names the same place and leaves more unread: 福建长乐市 of 福建长乐市金峰镇 福州."""
    same = turned.best is not None and match.best is not None and turned.best.code == match.best.code
    return same and len(turned.detail) > len(match.detail)


def _has_mistyped(names: Iterable[Used]) -> bool:
    return any(name.kind in MISTYPED for name in names)


def _says_little(match: Match) -> bool:
    """Whether nothing was read at the front of an address but at most one short name."""
    used = match.best.used if match.best is not None else ()
    return bool(match.front) or (len(used) < 2 and all(name.kind != FULL for name in used))


def _is_as_deep(turned: Match, match: Match) -> bool:
    """Whether a turned address is read without contradiction, and at least as deep as it was before.

    长安区王曲街道，石家庄 is not turned: the town is that of another 长安区. Nor is 北京市城关镇巴彦淖尔市.
    """
    if turned.best is None or turned.best.against:
        return False
    first = match.candidates[0].used[:1] if match.equal else ()
    if any(name.kind == FULL and len(name.code) <= 4 and not turned.best.code.startswith(name.code) for name in first):
        return False
    return match.best is None or len(match.best.code) <= len(turned.best.code)
