"""The towns of each county, city and province by the first two characters of what they are called.

They are kept in an index: nearly every address has a county, and to sort its towns takes a third of the time that
settles it.
"""

from __future__ import annotations

from functools import lru_cache

from buqi.divisions.stems import without_county
from buqi.divisions.table import Table, load_table
from buqi.indexes import Arrays, TextRows, kept, packed, shipped, unpacked

KEPT = 4000  # divisions whose towns are kept: all of the country
CODE = 9  # digits of a town's code
CELL, WORD = "\t", " "  # between the beginnings of a row, and between a beginning and its towns


class TownBeginnings:
    """Looks up towns by how they begin.

    Args:
        table: whose towns they are.
    """

    def __init__(self, table: Table) -> None:
        self.table = table
        self._rows: TextRows | None = None
        self._at: dict[str, int] = {}
        self._cells = lru_cache(maxsize=KEPT)(self._cells_of)

    def towns(self, code: str, beginning: str) -> list[tuple[str, str]]:
        """Return code and name of the towns of a division that begin with two characters, in order of their codes.

        濮阳县鲁河镇 begins with 濮阳 and with 鲁河.
        """
        towns = self._cells(code).get(beginning)
        return [(town[:CODE], town[CODE:]) for town in towns.split(WORD)] if towns else []

    def _cells_of(self, code: str) -> dict[str, str]:
        """Return the towns of a division by how they begin: code and name of each, a blank between two."""
        row = self._row(code)
        return dict([cell.split(WORD, 1) for cell in row.split(CELL)]) if row else {}

    def _row(self, code: str) -> str:
        if self._rows is None:
            own = self.table is load_table()
            arrays = kept("towns", shipped(), lambda: town_arrays(self.table)) if own else town_arrays(self.table)
            self._at = {known: number for number, known in enumerate(unpacked(arrays["codes"]))}
            self._rows = TextRows(arrays["text"], arrays["ends"])
        at = self._at.get(code)
        return _row_of(self.table, code) if at is None else self._rows[at]


def town_arrays(table: Table) -> Arrays:
    """Return what `TownBeginnings` knows of the divisions of a table (0.2 s)."""
    codes = [division.code for level in ("province", "city", "county") for division in table.at(level)]
    text, ends = TextRows.arrays(_row_of(table, code) for code in codes)
    return {"codes": packed(codes), "text": text, "ends": ends}


def _row_of(table: Table, code: str) -> str:
    """Return the towns of a division as a row of the index."""
    towns: dict[str, list[str]] = {}
    for town, name in table.town_names(code).items():
        for beginning in dict.fromkeys((name[:2], without_county(name)[:2])):
            towns.setdefault(beginning, []).append(town + name)
    return CELL.join(WORD.join((beginning, *named)) for beginning, named in towns.items())
