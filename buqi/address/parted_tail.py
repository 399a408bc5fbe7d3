"""Names that stand alone between separators at the end, from the smallest, some of them short: 横街12号, 西塘, 嘉善."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from buqi.address.tail_names import TailNames
from buqi.divisions import Matcher
from buqi.divisions.stems import town_stem
from buqi.divisions.words import HAN
from buqi.expressions import expression

PARTING = r"\s,，;；、/|"
PIECE = expression(rf"[^{PARTING}]+")
# Two pieces at the end that may be names; most addresses have none.
TWO = expression(rf"(?:^|[{PARTING}]){HAN}{{2,8}}[{PARTING}]+{HAN}{{2,8}}[{PARTING}。.]*$")
MOST = 4  # names: of a town, a county, a city and a province


class Tail(NamedTuple):
    """Names at the end of a text.

    Attributes:
        cut: where they begin.
        names: their whole names, the largest first.
        code: of the deepest.
    """

    cut: int
    names: str
    code: str


class PartedTail:
    """Finds the names at the end of a text that stand alone.

    Args:
        matcher: has the table and the names of towns.
        tail: has the names of provinces, cities and counties.
    """

    def __init__(self, matcher: Matcher, tail: TailNames) -> None:
        self.table, self.towns, self.tail = matcher.table, matcher.names.towns, tail

    def read(self, text: str) -> Tail | None:
        """Return the names at the end of a text; ``None`` if there are fewer than two, or they mean several places."""
        if TWO.search(text) is None:
            return None
        pieces = [(found.start(), found.group().rstrip("。.")) for found in PIECE.finditer(text)][-MOST:]
        pieces = [piece for piece in pieces if piece[1]]
        chains = [chain for chain in self._chains([name for _, name in pieces], "") if len(chain) > 1]
        most = max((len(chain) for chain in chains), default=0)
        found = [chain for chain in chains if len(chain) == most and len(chain[-1]) > 4]
        if len({chain[-1] for chain in found}) != 1:
            return None
        names = "".join(self.table.names[code] for code in found[0])
        return Tail(pieces[-most][0], names, found[0][-1])

    def _chains(self, pieces: list[str], above: str) -> Iterator[tuple[str, ...]]:
        """Yield the codes that the last pieces may mean, the largest first; each lies in the one before it."""
        for code in self._meanings(pieces[-1], above) if pieces else ():
            deeper = list(self._chains(pieces[:-1], code)) if len(code) < 9 else []
            yield from ((code, *chain) for chain in deeper) if deeper else [(code,)]

    def _meanings(self, name: str, above: str) -> Iterator[str]:
        """Yield the codes of the divisions inside ``above`` that have a name in full or short."""
        codes = {*self.tail.codes.get(name, ()), *self.tail.short_counties.get(name, ())}
        inside = [code for code in codes if code.startswith(above) and code != above]
        yield from sorted(inside)
        if inside or not above:
            return
        if self.table.has_counties(above):
            counties = [division.code for division in self.table.at("county") if division.code.startswith(above)]
        else:
            counties = [above] if len(above) > 2 else []
        found = {self._town(name, county) for county in counties} - {""}
        if len(found) == 1:
            yield found.pop()

    def _town(self, name: str, county: str) -> str:
        """Return the code of the one town of a county that has a name, with or without its kind, or ``""``."""
        whole = [code for code, town in self.table.town_names(county).items() if town == name]
        called = whole[0] if whole else self.towns.called(name, county)
        return called if called and name in (self.table.names[called], town_stem(self.table.names[called])) else ""
