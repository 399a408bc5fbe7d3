"""Names that are not as the table has them (海盐市 for 海盐县), or that stand behind a remark or a zone."""

from __future__ import annotations

from collections.abc import Iterator

from buqi.divisions.chain import State, grow, passed
from buqi.divisions.lexicon import Lexicon
from buqi.divisions.meaning import COST, FULL, SHORT, Meaning
from buqi.divisions.name_patterns import CLOSE, GAP, OPEN, OTHER_KIND, TOWN_NAMED_AFTER
from buqi.divisions.remarks import remark_ends
from buqi.expressions import expression

FIRST_KIND = expression("[\u4e00-\u9fff]{2,5}?[市县区旗]")
LONGEST_GAP = 10  # characters of a zone


class OddNames:
    """Reads counties that are written as another kind, and towns behind a remark or a zone.

    Args:
        lexicon: the names.
    """

    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon = lexicon

    def read(self, text: str, state: State) -> Iterator[State]:
        """Yield ``state`` with each such name that stands where it ends."""
        yield from self._other_kind(text, state)
        if state.best is not None and state.level in (2, 3):
            yield from self._behind_gap(text, state, state.best.code)

    def _behind_gap(self, text: str, state: State, under: str) -> Iterator[State]:
        """Yield ``state`` with a whole town behind a remark or a zone: 渌口区（原株洲县）龙门镇, 西安高新区丈八街道."""
        at = state.at
        zone = text[at : at + 1] in OPEN or "区" in text[at + 2 : at + LONGEST_GAP]
        if not zone and text[at + 1 : at + 2] == "区":
            zone = state.level == 2  # 嘉兴港区乍浦镇, but 南沙新区 is one name
        gap = GAP.match(text, at) if zone else None
        for begin in (gap.end(),) if gap else remark_ends(text, at):
            town = self._town(text, begin, under)
            if not town or (gap and self._named_in(text, at, begin)):
                continue
            grown = grow(passed(state, begin), begin, begin + len(town[0].name), town)
            if grown is not None:
                yield grown
            return

    def _town(self, text: str, at: int, under: str) -> list[Meaning]:
        """Return the one town in a division whose whole name stands at a position."""
        for length, meanings in self.lexicon.starting(text, at):
            town = [m for m in meanings if m.kind == FULL and m.level == 4 and m.code.startswith(under)]
            if len(town) == 1 and not TOWN_NAMED_AFTER.match(text, at + length):
                return town
        return []

    def _named_in(self, text: str, start: int, end: int) -> bool:
        """Whether the gap is a zone that holds the whole name of a division above the towns: 浦东新区 is one."""
        zone = range(start, end - 1) if text[end - 1] not in CLOSE else ()
        found = (m for at in zone for _, meanings in self.lexicon.starting(text, at) for m in meanings)
        return any(m.kind == FULL and m.level < 4 for m in found)

    def _other_kind(self, text: str, state: State) -> Iterator[State]:
        """Yield ``state`` with a county that has another kind where it ends: 海盐市 for 海盐县, 化州区 for 化州市."""
        kind = FIRST_KIND.match(text, state.at)
        if kind is None or kind.group() in self.lexicon.whole:  # nearly always: nothing is to be looked up then
            return
        for length, meanings in self.lexicon.starting(text, state.at, under=bool(state.spans)):
            end = state.at + length
            if OTHER_KIND.match(text, end) is None or text[state.at : end + 1] in self.lexicon.names:
                continue
            short = [m for m in meanings if m.kind == SHORT and m.level == 3 and m.name[-1] != text[end]]
            found = [m._replace(kind="suffix", cost=m.cost + COST["suffix"] - COST[SHORT]) for m in short]
            found = [m for m in found if state.agrees(m)] if state.spans else found
            if len(found) == 1 and (grown := grow(state, state.at, end + 1, found)) is not None:
                yield grown
