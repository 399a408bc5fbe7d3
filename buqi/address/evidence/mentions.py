"""Names of the table that stand further back in an address, or not in full."""

from __future__ import annotations

import math
from collections.abc import Iterable
from operator import concat

from buqi.address.evidence.base import LONGEST_STEM, Column, EvidenceKind, Features
from buqi.address.marks import Marks
from buqi.address.parsed import ParsedAddress
from buqi.divisions.meaning import FULL, SHORT
from buqi.divisions.words import ANY_ZONE
from buqi.expressions import expression

TOWN_END = expression(r"镇|乡|街道|苏木|办事处")
SAME_KIND = {"镇": ("街道",), "办事处": ("街道",)}  # most subdistricts were towns
VILLAGE_END = expression(r"[村庄屯寨社居]|嘎查")
ZONE_SIGN = expression("[区园地]")  # what every zone has in it, and few addresses
NAME_ENDS = "庄屯寨"  # these belong to the name, the others are its kind
LONGEST_MENTION = 8
SHORTEST_LONG = 3  # characters of a village's name that is no short one

Columns = dict[str, Marks]


class Mentions(EvidenceKind):
    """Looks for counties, towns and villages behind the names that were read."""

    columns = (
        Column("mention", times=("any",)),  # a county or what is above it, in full
        Column("mention_short", times=("any",)),  # the same by its short name
        Column("stem", times=("any",)),  # a town without its kind at the front
        Column("front"),  # a county's short name before a zone, where it is not read as the county: 浏阳工业园
        Column("mention_town"),  # a town in full anywhere
        Column("town_zone"),  # a town without its kind before a zone: 张黄工业园区
        Column("mention_village"),  # a village of three characters and more
        Column("mention_village_short"),  # a village of two characters
    )

    def features(self, address: ParsedAddress) -> Features:
        """Return its columns by name."""
        rest, found = address.rest, self.marks()
        self._divisions(rest, found)
        self._stem(rest, found)
        self._before_zone(rest, found)
        for end in TOWN_END.finditer(rest):
            kinds = (end.group(), *SAME_KIND.get(end.group(), ()))
            self._longest(rest, end.start(), kinds, "mention_town", found)
        for end in VILLAGE_END.finditer(rest):
            kinds = (end.group(),) if end.group() in NAME_ENDS else ("", end.group())
            self._longest(rest, end.start(), kinds, "mention_village", found)
        self._town_before_zones(rest, found)
        return found

    def _divisions(self, rest: str, found: Columns) -> None:
        lexicon, names, behind = self.resources.matcher.lexicon, self.resources.matcher.names, 0
        for at, beginning in enumerate(map(concat, rest, rest[1:])):
            if beginning not in lexicon.lengths or at < behind:
                continue
            for length, meanings in lexicon.starting(rest, at):
                usable = [m for m in meanings if m.level < 4 and names.may_be(rest, at + length, m, length)]
                for meaning in usable:
                    if (under := self.counties.around(meaning.code)) is not None:
                        found["mention" if meaning.kind == FULL else "mention_short"].put(under, 1.0)
                if usable:
                    behind = at + length
                    break

    def _stem(self, rest: str, found: Columns) -> None:
        for length in range(LONGEST_STEM, 1, -1):
            if counties := self.resources.town_stems.get(rest[:length]):
                found["stem"].put(counties, 1.0 / math.sqrt(len(counties)))
                return

    def _before_zone(self, rest: str, found: Columns) -> None:
        for length, meanings in self.resources.matcher.lexicon.starting(rest, 0):
            if any(m.kind == SHORT for m in meanings) and ANY_ZONE.match(rest, length):
                weight = 1.0 / math.sqrt(1 + self.resources.namesakes(rest[:length]))
                for meaning in meanings:
                    if (under := self.counties.around(meaning.code)) is not None:
                        found["front"].put(under, weight)
                return

    def _longest(self, rest: str, end: int, kinds: Iterable[str], column: str, found: Columns) -> None:
        """Mark the counties with the longest name that ends at ``end`` and a kind behind it."""
        whole = self.resources.matcher.small_names.whole
        for begin in range(max(0, end - LONGEST_MENTION), end):
            names = [rest[begin:end] + kind for kind in kinds]
            counties = [known for name in names if len(name) > 1 and len(known := whole.counties(name))]
            if counties:
                length = max(map(len, names)) - (len(names) > 1)
                short = column == "mention_village" and length < SHORTEST_LONG
                for numbers in counties:
                    found["mention_village_short" if short else column].put(numbers, 1.0)
                return

    def _town_before_zones(self, rest: str, found: Columns) -> None:
        for zone in ANY_ZONE.finditer(rest, 2) if ZONE_SIGN.search(rest) else ():
            at = zone.start()
            for length in range(min(LONGEST_STEM, at), 1, -1):
                counties = self.resources.town_stems.get(rest[at - length : at])
                if counties and not ANY_ZONE.fullmatch(rest, at - length, zone.end()):
                    found["town_zone"].put(counties, 1.0)
                    break
