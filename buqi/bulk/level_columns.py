"""Tables that have a column for each level (省, 市, 区, 街道, 详细地址): each row is read as one address."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from buqi.address.completion import CONTACT
from buqi.bulk.fields import Fields, text_of
from buqi.divisions import LEVELS, load_table
from buqi.divisions.names import short_names
from buqi.errors import UsageError

DETAIL = "detail"
NO_NAMES = set("市辖区 县 省直辖县级行政区划 自治区直辖县级行政区划 直辖县级 无 空 - — / \\n null none nan n/a".split())
BESIDE = ("confidence", "status", "notes")  # all that is added where the answer goes into empty cells


@dataclass(frozen=True)
class AddressColumns:
    """The columns that hold an address: one, or several that each hold a level.

    Attributes:
        levels: the level of each column by its name, `DETAIL` for the rest of an address; in the order of an address.
    """

    levels: Mapping[str, str]

    @property
    def names(self) -> list[str]:
        """The columns."""
        return list(self.levels)

    @property
    def title(self) -> str:
        """The columns as the user names them."""
        return ",".join(self.levels)

    def texts(self, cells: Mapping[str, Sequence[Any]], contact: bool = False) -> list[tuple[str, str]]:
        """Return each row's address as one text, and why it cannot be an address (see `text_of`)."""
        if len(self.levels) == 1:
            return [text_of(cell) for cell in cells[self.names[0]]]
        return [text_of(self.joined(row, contact)) for row in zip(*(cells[n] for n in self.levels), strict=True)]

    def joined(self, row: Sequence[Any], contact: bool = False) -> str:
        """Return a row's cells, in the order of `names`, as one address.

        With ``contact`` a space stands before the detail, which may begin with a name or a telephone.
        """
        names: list[str] = []
        details: list[str] = []
        for cell, level in zip(row, self.levels.values(), strict=True):
            name = name_in_cell(cell, level)
            if not name:
                continue
            if level == DETAIL:
                details.append(name)
            elif name.startswith("".join(names)):  # 陕西省西安市 under 陕西省
                names = [name]
            elif name not in names:
                names.append(name)
        detail = "".join(details)
        for name in names:  # the address may begin with what its columns say
            detail = detail.removeprefix(name)
        return (" " if contact else "").join(filter(None, ("".join(names), detail)))

    def with_contradictions(
        self, cells: Mapping[str, Sequence[Any]], rows: Sequence[Fields], added: Sequence[str]
    ) -> list[Fields]:
        """Return the added columns with a note for each cell that the answer contradicts; ``full`` leaves it out.

        Args:
            cells: of the columns, by name.
            rows: the added columns of each row.
            added: names of the added columns.
        """
        if len(self.levels) == 1 or not set(LEVELS) <= set(added):
            return list(rows)
        columns = zip(*(cells[name] for name in self.levels), strict=True)
        found = [dict(zip(added, fields, strict=True)) for fields in rows]
        for row, answer in zip(columns, found, strict=True):
            notes = [note for note in answer["notes"].split("; ") if note]
            answer["notes"] = "; ".join(self.note_contradictions(row, answer, notes))
        return [list(answer.values()) for answer in found]

    def note_contradictions(self, row: Sequence[Any], answer: dict[str, Any], notes: Sequence[str]) -> list[str]:
        """Return the notes with one more for each cell that the answer contradicts.

        The name in such a cell is taken out of the answer's ``full`` and ``detail``, in place.
        """
        notes = list(notes)
        for cell, (column, level) in zip(row, self.levels.items(), strict=True):
            name, found = name_in_cell(cell, level), answer.get(level, "")
            if level == "city" and not found:  # a municipality has no city
                found = answer["province"]
            if not found and any(note.startswith(f"{name}: contradicts") for note in notes):  # the answer ends above
                found = next((answer[above] for above in reversed(LEVELS) if answer[above]), "")
            if level not in LEVELS or not name or not found or may_mean(name, found, level):
                continue
            if any(note.startswith(f"{name}: today") for note in notes):
                continue
            notes = [note for note in notes if not note.startswith(f"{name}: contradicts")]
            notes.append(f"{column} {text_of(cell)[0]}: contradicts {found}")
            head = answer["full"].removesuffix(answer["detail"])
            answer["detail"] = answer["detail"].removeprefix(name)
            answer["full"] = head + answer["detail"]
        return notes

    def output_columns(self, added: Sequence[str], fill: bool) -> tuple[list[str], list[str]]:
        """Return the columns whose empty cells are filled, and the columns that are added.

        Args:
            added: names of all columns of an answer.
            fill: whether the answer goes into empty cells; if not, nothing is filled and all columns are added.

        Raises:
            UsageError: no column is of a level, so no cell of it could be filled.
        """
        if not fill:
            return [], list(added)
        if set(self.levels.values()) == {DETAIL}:
            raise UsageError("--fill: no column holds a level; name them as --column 省,市,区,地址")
        return self.names, beside_filled(added)

    def filled(self, cells: Mapping[str, Sequence[Any]], rows: Sequence[Fields], added: Sequence[str]) -> list[Fields]:
        """Return for each row the values of its empty cells (``None`` for others), then those of `beside_filled`."""
        own = zip(*(cells[name] for name in self.levels), strict=True)
        answers = [dict(zip(added, fields, strict=True)) for fields in rows]
        return [
            [*self._for_empty(row, answer), *(answer[name] for name in beside_filled(added))]
            for row, answer in zip(own, answers, strict=True)
        ]

    def _for_empty(self, row: Sequence[Any], answer: Mapping[str, Any]) -> list[str | None]:
        empty = [cell is None or cell != cell or not str(cell).strip() for cell in row]
        return [
            (answer.get(level) or None) if is_empty and level != DETAIL else None
            for is_empty, level in zip(empty, self.levels.values(), strict=True)
        ]


def beside_filled(added: Sequence[str]) -> list[str]:
    """Return the columns of an answer that are added where it goes into empty cells."""
    return [name for name in added if name in (*BESIDE, *CONTACT)]


def may_mean(name: str, found: str, level: str) -> bool:
    """Return whether the name in a cell may mean the division that was found."""
    return found in names_at(level).get(name, ()) or found.startswith(name) or name.endswith(found)


def name_in_cell(cell: Any, level: str) -> str:
    """Return the name in a cell of a level's column; the official name where one division is meant (陕西, 61: 陕西省).

    ``""`` where the cell names nothing: it is empty, 市辖区, a dash.
    """
    if isinstance(cell, (int, float)) and not isinstance(cell, bool) and cell == cell:
        cell = f"{cell:.0f}" if level != DETAIL else str(cell)
    text, problem = text_of(cell)
    text = text.strip()
    if problem or text.lower() in NO_NAMES:
        return ""
    if level not in LEVELS:
        return text
    if text.isdecimal():
        return _name_of_code(text, level)
    fitting = names_at(level).get(text, ())
    return next(iter(fitting)) if len(fitting) == 1 else text


def _name_of_code(code: str, level: str) -> str:
    """Return the name of the division with a code such as 61, 610000 or 610103; ``""`` if the level has none."""
    length = {"province": 2, "city": 4, "county": 6, "town": 9}[level]
    found = load_table().by_code.get(code[:length])
    return found.name if found is not None and found.level == level and not code[length:].strip("0") else ""


@lru_cache(maxsize=8)
def names_at(level: str) -> dict[str, frozenset[str]]:
    """Return the full names of a level's divisions by the names, full or short, that may mean them."""
    found: dict[str, set[str]] = defaultdict(set)
    table = load_table()
    for division in table.at(level):
        for name in (division.name, *(short_names(division.name) if level != "town" else ())):
            found[name].add(division.name)
    if level == "city":  # a municipality (北京市) stands in both columns
        for province in (d for d in table.at("province") if d.name.endswith("市")):
            found[province.name].add(province.name)
            found[province.name[:-1]].add(province.name)
    return {name: frozenset(full) for name, full in found.items()}
