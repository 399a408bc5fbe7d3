"""Counties behind the name of a city that they no longer lie in: 莱芜市钢城区, 巢湖市庐江县, 六安市寿县.

``data/parted.tsv`` has the cities and prefectures that lost counties after 1980, each with the codes that these
counties have today. The county decides, and the city's name is only where it lay before.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from buqi.divisions.chain import WEIGHT, Hypothesis, State
from buqi.divisions.data_files import data_text
from buqi.divisions.lexicon import Lexicon
from buqi.divisions.meaning import COST, FORMER, FULL, MOVED, Meaning
from buqi.divisions.name_patterns import NAMED_AFTER, NOT_SHORT
from buqi.divisions.names import short_name

FILE = "parted.tsv"
SHORTEST = 2  # characters of a county's name: before a road it is part of the name of the road (寿县路)


class PartedCities:
    """Reads a city or prefecture, and a county behind it that lay in it before.

    Args:
        lexicon: the names.

    Attributes:
        beginnings: the first two characters of these cities and prefectures.
    """

    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon, self.table = lexicon, lexicon.table
        self._counties: dict[str, frozenset[str]] = {}
        for name, codes in (line.split("\t") for line in data_text(FILE).splitlines()):
            known = [code for code in codes.split(" ") if code in self.table.by_code]
            short = short_name(name)  # 南宁武鸣区 is in 南宁市; 南宁地区 had it before
            elsewhere = [code for code in known if not self.table.path(code).name("city").startswith(short)]
            for written, lost in ((name, known), (short, elsewhere)):
                self._counties[written] = self._counties.get(written, frozenset()).union(lost)
        self._names: dict[str, list[str]] = defaultdict(list)
        for name in sorted(self._counties, key=len, reverse=True):
            self._names[name[:2]].append(name)
        self.beginnings = frozenset(self._names)

    def read(self, text: str, state: State) -> Iterator[State]:
        """Yield ``state`` with both names where they stand at its end. Nothing or a province stands before them."""
        names = self._names.get(text[state.at : state.at + 2])
        if names is None or (state.spans and state.level != 1):
            return
        for name in names:
            if text.startswith(name, state.at):
                found = self._county(text, state.at + len(name), name, state)
                if found is not None:
                    yield found
                return

    def _county(self, text: str, at: int, city: str, state: State) -> State | None:
        """Return ``state`` with a city's name that ends at a position, and the county behind it."""
        in_full = short_name(city) != city
        for length, meanings in self.lexicon.starting(text, at, under=True):
            end = at + length
            own = [m for m in meanings if m.level > 1 and m.code in self._counties[city]]
            if not in_full:
                own = [m for m in own if m.kind == FULL]
            if NOT_SHORT.match(text, end) is not None:
                own = [m for m in own if m.kind in (FULL, FORMER) and m.name == text[at:end] and length > SHORTEST]
            if not own or (text[at:end] in self.lexicon.whole and NAMED_AFTER.match(text, end) is not None):
                continue
            hypotheses = {m.code: self._hypothesis(state, city, m) for m in own}
            return State(end, (*state.spans, (state.at, at), (at, end)), hypotheses)
        return None

    def _hypothesis(self, state: State, city: str, county: Meaning) -> Hypothesis:
        around = self.table.by_code[county.code].parent
        moved = Meaning(around, MOVED, city, 2, COST[FORMER])
        before = next((h for h in state.hypotheses.values() if county.code.startswith(h.code)), None)
        score = WEIGHT[2] - moved.cost + WEIGHT[3] - county.cost + (before.score if before else 0.0)
        around_it = before.names if before else (None,) * len(state.spans)
        return Hypothesis(county.code, score, (*around_it, moved, county))
