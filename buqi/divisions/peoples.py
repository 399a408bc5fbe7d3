"""Autonomous counties and townships that are written without some of their peoples, or with a kind said twice.

秀山土家族县 for 秀山土家族苗族自治县, 连南县瑶族自治县 for 连南瑶族自治县, 秤架镇瑶族乡 for 秤架瑶族乡.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from buqi.divisions.chain import State, grow
from buqi.divisions.lexicon import Lexicon
from buqi.divisions.meaning import COST, FULL, Meaning
from buqi.divisions.names import PEOPLES
from buqi.divisions.words import HAN
from buqi.expressions import expression

RUN = rf"(?:(?:{PEOPLES})族?|各族)+"
# The name of an autonomous county or prefecture, or of a people's district, in the table.
COUNTY = expression(rf"(?P<stem>..+?)(?P<peoples>{RUN})(?:自治[县旗州]|区)$")
# How such a name goes on behind its stem.
COUNTY_END = expression(rf"[县旗州区]?(?P<peoples>{RUN})(?:自治)?[县旗州区](?![族自])")
TOWN = expression(rf"(?P<stem>{HAN}{{2,}}?)(?P<peoples>(?:(?:{PEOPLES})族?)*(?:{PEOPLES})族)乡$")
# A township as it is written.
TOWN_WRITTEN = expression(rf"(?P<stem>{HAN}{{2,6}}?)[乡镇]?(?P<peoples>(?:(?:{PEOPLES})族)+)[乡镇](?![村里道路街])")
# What says a part of a township's name again: 瑶族乡 behind 秤架镇.
AGAIN = expression(rf"(?P<peoples>(?:(?:{PEOPLES})族)+)乡|民族乡")
KIND = expression(r"[乡镇](?![村里道路街])")
NEAR = 16  # characters in which 族 must stand


class _Autonomous(NamedTuple):
    """A county or prefecture, its peoples, and its level."""

    code: str
    name: str
    peoples: frozenset[str]
    level: int


class PeoplesNames:
    """Reads such names.

    Args:
        lexicon: the names, and the table.
    """

    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon, self.table = lexicon, lexicon.table
        self._counties: dict[str, list[_Autonomous]] = defaultdict(list)
        for level, kind in ((2, "city"), (3, "county")):
            for division in self.table.at(kind):
                if found := COUNTY.match(division.name):
                    own = _Autonomous(division.code, division.name, _peoples(found["peoples"]), level)
                    self._counties[found["stem"]].append(own)
        self._starts = frozenset(stem[:2] for stem in self._counties)

    def read(self, text: str, state: State) -> Iterator[State]:
        """Yield ``state`` with each such name that stands where it ends."""
        at = state.at
        if text.find("族", at, at + NEAR) < 0 and "自治" not in text:
            return
        if text[at : at + 2] in self._starts:
            yield from self._county(text, state)
        if state.best is not None and len(state.best.code) == 6 and state.best.names[-1] is not None:
            yield from self._town(text, state, state.best.code)

    def _county(self, text: str, state: State) -> Iterator[State]:
        """Yield ``state`` with an autonomous county, of which at least one people is written, and no other one."""
        at = state.at
        for length in range(min(7, len(text) - at), 1, -1):
            known = self._counties.get(text[at : at + length])
            end = COUNTY_END.match(text, at + length) if known else None
            if known is None or end is None or text[at : end.end()] in self.lexicon.whole:
                continue
            if "族" not in end.group() and "自治" not in end.group():  # 白沙黎县
                continue
            written = _peoples(end["peoples"])
            fitting = [c for c in known if written <= c.peoples and c.name[-1] == text[end.end() - 1]]
            meant = [Meaning(c.code, FULL, c.name, c.level, COST["people"]) for c in fitting]
            meant = [m for m in meant if state.agrees(m)] if state.spans else meant
            if len(meant) == 1 and (grown := grow(state, at, end.end(), meant)) is not None:
                yield grown
                return

    def _town(self, text: str, state: State, county: str) -> Iterator[State]:
        """Yield ``state`` with the one township of its county of which some peoples are written, and no other one."""
        written = TOWN_WRITTEN.match(text, state.at)
        if written is None:
            return
        if any(m.code.startswith(county) for m in self.lexicon.names.get(written.group(), ()) if m.level == 4):
            return
        peoples, found = _peoples(written["peoples"]), []
        for code, name in self.table.town_names(county).items():
            town = TOWN.match(name) if name.startswith(written["stem"]) else None
            own = _peoples(town["peoples"]) if town is not None and town["stem"] == written["stem"] else frozenset()
            if peoples and peoples <= own:
                whole = peoples == own and written.group().endswith("乡")  # 秤架乡瑶族乡
                cost = COST["people" if whole else "suffix"]
                found.append(Meaning(code, FULL if whole else "suffix", name, 4, cost))
        if len(found) == 1 and (grown := grow(state, state.at, written.end(), found)) is not None:
            yield grown

    def past(self, text: str, state: State) -> State:
        """Return ``state`` behind what says a part of its last name again: 秤架乡瑶族乡. It may be ``state`` itself."""
        best = state.best
        if best is None or len(best.code) < 9 or best.names[-1] is None:
            return state
        today = self.table.names[best.code]
        if not today.endswith("族乡"):
            return state
        end = _again(text, state.at, today)
        if end == state.at:
            return state
        return replace(state, at=end, spans=(*state.spans[:-1], (state.spans[-1][0], end)))

    def may_follow(self, text: str, at: int, name: str) -> bool:
        """Whether such a township may stand at a position, or a part of the name that ends there be said again.

        Args:
            text: as the matcher reads it.
            at: the position.
            name: of the county or town before it.
        """
        if name.endswith("族乡"):
            return _again(text, at, name) != at
        return text.find("族", at, at + NEAR) >= 0 and TOWN_WRITTEN.match(text, at) is not None


def _again(text: str, at: int, name: str) -> int:
    """Return where the text goes on behind what says a part of a township's name again; ``at`` if nothing does."""
    own, again = TOWN.match(name), AGAIN.match(text, at)
    if own is None:
        return at
    if again is not None and _peoples(again["peoples"] or "") <= _peoples(own["peoples"]):
        return again.end()
    stem = own["stem"]
    return at + len(stem) + 1 if text.startswith(stem, at) and KIND.match(text, at + len(stem)) else at


def _peoples(text: str) -> frozenset[str]:
    """Return the peoples in a run of their names, each without 族."""
    return frozenset(one.removesuffix("族") for one in re.findall(rf"(?:{PEOPLES})族?|各族", text))
