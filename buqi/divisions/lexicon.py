"""Every name that an address may hold, with the divisions it can mean."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

from buqi.divisions.lexicon_names import LexiconNames, from_lists, names_of, to_lists
from buqi.divisions.meaning import FORMER, FULL, SHORT, Meaning
from buqi.divisions.mistyping import MistypedNames, patterns_of
from buqi.divisions.name_patterns import TOWN_KINDS
from buqi.divisions.table import Table, load_table
from buqi.divisions.words import ANY_ZONE
from buqi.expressions import expression
from buqi.indexes import CellLists, Lists, kept_lists

# What makes a road, bridge or college of a name before it.
ROAD_END = expression(r"大?道|大?街|路(?!口)|巷|弄|大?桥|大学|学院|师范|职业|理工")
COMPOUND = expression(r"[园校厂矿景社小库林牧山厅]区$")  # ends in 区 and is no district: 园区, 小区
PREPOSITIONS = "由从在到去往至住原现老嘛吗啊哦呢嗯是寄送发"  # before a place: 从北京市, 原江苏省


class Lexicon:
    """Names by their text, and by their sound and pattern for what is mistyped.

    Args:
        table: of divisions.
        names: its names; made if not given.

    Attributes:
        names, stubs, zones, whole, lengths: as `LexiconNames` has them.
        stub_starts: the first two characters of the stubs.
    """

    def __init__(self, table: Table, names: LexiconNames | None = None) -> None:
        self.table = table
        self.names, self.stubs, self.zones, self.whole, self.lengths = names or names_of(table)
        # Most texts that are looked up are no names. A plain dictionary says so fastest.
        self._written = self.names.cells if isinstance(self.names, CellLists) else self.names
        self._stubs = frozenset(self.stubs)
        self._upper_names: MistypedNames | None = None  # a cached_property of a compiled class is made each time
        self.stub_starts = frozenset(stub[:2] for stub in self._stubs)

    def is_zone(self, meaning: Meaning) -> bool:
        """Whether a name that was read is a zone's. A county of today (滨海新区) is none."""
        return meaning.kind == FORMER and meaning.name in self.zones

    def starting(self, text: str, at: int, under: bool = False) -> Iterable[tuple[int, list[Meaning]]]:
        """Return (length, meanings) of every name that ``text`` has at a position, longest first.

        Args:
            text: as the matcher reads it.
            at: the position.
            under: whether another name stands before it; then short names count that alone may be anything (鄂伦春).
        """
        lengths = self.lengths.get(text[at : at + 2])  # at most positions no name begins
        return () if lengths is None else self._starting(text, at, lengths, under)

    def _starting(
        self, text: str, at: int, lengths: tuple[int, ...], under: bool
    ) -> Iterator[tuple[int, list[Meaning]]]:
        names, written, left = self.names, self._written, len(text) - at
        for length in lengths:
            if length > left:
                continue
            name = text[at : at + length]
            found = names[name] if name in written else None
            if under and name in self._stubs:
                found = [*(found or ()), *self.stubs[name]]
            if found is not None:
                yield length, found

    def _upper(self) -> MistypedNames:
        """Return full and former names of provinces, cities and counties, made when they are first asked for."""
        if self._upper_names is None:
            self._upper_names = self._made_upper()
        return self._upper_names

    def _made_upper(self) -> MistypedNames:
        if self.table is not load_table():
            return MistypedNames(self._upper_of(self.names))

        def make() -> dict[str, Lists]:
            names = list(self._upper_of(self.names))
            return {"patterns": patterns_of(names), "names": dict.fromkeys(names, ())}

        index = kept_lists("patterns", make)
        return MistypedNames(self._upper_of(index["names"]), index["patterns"])

    def _upper_of(self, names: Iterable[str]) -> dict[str, list[Meaning]]:
        """Return what names mean above the towns. Names that mean nothing there are left out."""
        found = {}
        for name in names:
            if meanings := [m for m in self.names[name] if m.level < 4 and m.kind != SHORT and m.name == name]:
                found[name] = meanings
        return found

    def mistyped(self, text: str, at: int) -> Iterator[tuple[int, list[Meaning]]]:
        """Yield (length, meanings) of province, city and county names that ``text`` may have meant at a position."""
        if ANY_ZONE.match(text, at):
            return
        for length, found in self._upper().starting(text, at):
            window = text[at : at + length]
            if window[0] in PREPOSITIONS and window[1:] in self.names:  # 从北京市
                found = [m for m in found if m.kind != "added"]
            if COMPOUND.search(window):  # 光明园区 is no 光明区 with a character too many
                found = [m for m in found if m.kind not in ("added", "other")]
            # 井冈山大道 is a road, 扎兰屯东街 is one in 扎兰屯市
            if window in self.names and ROAD_END.match(text, at + length):
                found = [m for m in found if m.kind != "missing" or m.name[:-1] != window]
            if at + length == len(text) and any(m.kind == "added" for m in found):
                found = [m for m in found if m.kind != "added" or not self._is_county_and_town(window, m)]
            if found:
                yield length, found

    def _is_county_and_town(self, window: str, meaning: Meaning) -> bool:
        """Whether a text is a county's name without its kind, and a town of it without its own: 太和旧县."""
        stem = meaning.name[:-1]
        named = (m for kind in TOWN_KINDS for m in self.names.get(window[len(stem) :] + kind, ()))
        return window.startswith(stem) and any(m.kind == FULL and m.code.startswith(meaning.code) for m in named)


@lru_cache(maxsize=1)
def load_lexicon() -> Lexicon:
    """Return the lexicon of the shipped table."""
    table = load_table()
    return Lexicon(table, from_lists(kept_lists("lexicon", lambda: to_lists(names_of(table)))))
