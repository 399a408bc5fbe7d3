"""Tables whose levels stand in columns of their own (省, 市, 区, 街道, 详细地址), read as one address a row."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from buqi.address.completion import CONTACT
from buqi.bulk.columns import ADDRESS_COLUMNS, find_column, names_in
from buqi.bulk.fields import Fields, text_of
from buqi.divisions import LEVELS, load_matcher, load_table
from buqi.divisions.names import short_names
from buqi.errors import UsageError

DETAIL = "detail"
NAMED = {
    "province": "province prov 省 省份 省名 省级 省市 所在省 所在省份 省/直辖市 省（市）",
    "city": "city 市 城市 地市 市名 市级 地级市 所在市 所在城市 州市",
    "county": "county district 区 县 区县 县区 县市 区/县 区（县） 县级 所在区 所在区县 县市区 市县区 区县市",
    "town": "town township 镇 街道 乡镇 乡 乡镇街道 街道乡镇 镇街 街道办 街道/乡镇 乡镇/街道 所在街道",
    "village": "village community 村 社区 村社区 居委会 村委会 村/社区",
}
MORE_DETAIL = ("detail", "street_address", "address1", "详址", "具体地址", "地址详情", "门牌", "门牌号", "街道地址")
NO_NAMES = set("市辖区 县 省直辖县级行政区划 自治区直辖县级行政区划 直辖县级 无 空 - — / \\n null none nan n/a".split())
BESIDE = ("confidence", "status", "notes")  # columns that are added where the answer goes into empty cells
SAMPLE = 200  # rows that are looked at
NAMED_SHARE = 0.6  # a column is of a level if this share of its cells are names of it
DOORS = re.compile(r"[路街道巷弄村组栋幢座号室楼]")


@dataclass(frozen=True)
class AddressColumns:
    """The columns that hold an address: one, or several of which each says its level.

    ``levels`` has a level, or `DETAIL` for the rest of an address, by the column's name, in the order of an address.
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
        """Return each row's address as one text, and why it cannot be one (see `text_of`)."""
        if len(self.levels) == 1:
            return [text_of(cell) for cell in cells[self.names[0]]]
        return [text_of(self.joined(row, contact)) for row in zip(*(cells[n] for n in self.levels), strict=True)]

    def joined(self, row: Sequence[Any], contact: bool = False) -> str:
        """Return a row's cells, in the order of `names`, as one address; a contact may begin the last of them."""
        names: list[str] = []
        details: list[str] = []
        for cell, level in zip(row, self.levels.values(), strict=True):
            name = said(cell, level)
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

    def noted(self, cells: Mapping[str, Sequence[Any]], rows: Sequence[Fields], added: Sequence[str]) -> list[Fields]:
        """Return the added columns with a note for each cell that the answer contradicts; it is not in ``full`` then.

        Args:
            cells: of the columns, by name.
            rows: the added columns of each row.
            added: their names.
        """
        if len(self.levels) == 1 or not set(LEVELS) <= set(added):
            return list(rows)
        columns = zip(*(cells[name] for name in self.levels), strict=True)
        found = [dict(zip(added, fields, strict=True)) for fields in rows]
        for row, answer in zip(columns, found, strict=True):
            notes = [note for note in answer["notes"].split("; ") if note]
            answer["notes"] = "; ".join(self.contradicted(row, answer, notes))
        return [list(answer.values()) for answer in found]

    def contradicted(self, row: Sequence[Any], answer: dict[str, Any], notes: Sequence[str]) -> list[str]:
        """Return the notes with one for each cell that the answer contradicts, and take it out of ``full``."""
        notes = list(notes)
        for cell, (column, level) in zip(row, self.levels.items(), strict=True):
            name, found = said(cell, level), answer.get(level, "")
            if level == "city" and not found:  # a municipality has no city
                found = answer["province"]
            if level not in LEVELS or not name or not found or agrees(name, found, level):
                continue
            if any(note.startswith(f"{name}: today") for note in notes):
                continue
            notes = [note for note in notes if not note.startswith(f"{name}: contradicts")]
            notes.append(f"{column} {text_of(cell)[0]}: contradicts {found}")
            head = answer["full"].removesuffix(answer["detail"])
            answer["detail"] = answer["detail"].removeprefix(name)
            answer["full"] = head + answer["detail"]
        return notes

    def check_levels(self) -> None:
        """Raise `UsageError` where no column is of a level, so that no cell of it could be filled."""
        if set(self.levels.values()) == {DETAIL}:
            raise UsageError("--fill: no column holds a level; name them as --column 省,市,区,地址")

    def filled(self, cells: Mapping[str, Sequence[Any]], rows: Sequence[Fields], added: Sequence[str]) -> list[Fields]:
        """Return for each row the values of its empty cells (``None`` for others), then those `beside` it."""
        own = list(zip(*(cells[name] for name in self.levels), strict=True))
        found = [dict(zip(added, fields, strict=True)) for fields in rows]
        return [
            [*self._missing(row, answer), *(answer[name] for name in beside(added))]
            for row, answer in zip(own, found, strict=True)
        ]

    def _missing(self, row: Sequence[Any], answer: Mapping[str, Any]) -> list[str | None]:
        empty = [cell is None or cell != cell or not str(cell).strip() for cell in row]
        return [
            (answer.get(level) or None) if is_empty and level != DETAIL else None
            for is_empty, level in zip(empty, self.levels.values(), strict=True)
        ]


def beside(added: Sequence[str]) -> list[str]:
    """Return those of the added columns that are written where the answer goes into empty cells."""
    return [name for name in added if name in (*BESIDE, *CONTACT)]


def agrees(name: str, found: str, level: str) -> bool:
    """Return whether what a cell says may mean the division that was found."""
    return found in names_at(level).get(name, ()) or found.startswith(name) or name.endswith(found)


def said(cell: Any, level: str) -> str:
    """Return what a cell of a level's column says: the official name where one is meant (陕西 and 61: 陕西省).

    ``""`` where it says nothing: an empty cell, 市辖区, a dash.
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
    """Return the name of a code of a level, as 61, 610000 or 610103; ``""`` if there is none."""
    length = {"province": 2, "city": 4, "county": 6, "town": 9}[level]
    found = load_table().by_code.get(code[:length])
    return found.name if found is not None and found.level == level and not code[length:].strip("0") else ""


@lru_cache(maxsize=8)
def names_at(level: str) -> dict[str, frozenset[str]]:
    """Return the full names that are meant by a name of a level, full or short."""
    found: dict[str, set[str]] = defaultdict(set)
    table = load_table()
    for division in table.at(level):
        for name in (division.name, *(short_names(division.name) if level != "town" else ())):
            found[name].add(division.name)
    if level == "city":  # in such tables a municipality stands in both columns
        for province in (d for d in table.at("province") if d.name.endswith("市")):
            found[province.name].add(province.name)
            found[province.name[:-1]].add(province.name)
    return {name: frozenset(full) for name, full in found.items()}


def level_by_name(column: str) -> str:
    """Return the level that a column's name says, `DETAIL` for an address, ``""`` if it says none."""
    name = column.strip().lower()
    if name in ADDRESS_COLUMNS or name in MORE_DETAIL:
        return DETAIL
    return next((level for level, names in NAMED.items() if name in names.split()), "")


def level_by_cells(cells: Sequence[Any]) -> str:
    """Return the level that most cells of a column are names of, `DETAIL` for roads and doors, ``""`` for neither."""
    texts = [text for cell in cells if not (found := text_of(cell))[1] and (text := found[0].strip())]
    if not texts:
        return ""
    shares = {level: sum(text in names_at(level) for text in texts) / len(texts) for level in LEVELS}
    best = max(shares, key=lambda level: shares[level])
    if shares[best] >= NAMED_SHARE:
        return best
    return DETAIL if sum(DOORS.search(text) is not None for text in texts) >= NAMED_SHARE * len(texts) else ""


Sample = Callable[[Sequence[str]], Mapping[str, Sequence[Any]]]


def find_columns(
    columns: Sequence[str],
    asked: str | Sequence[str] | None,
    sample: Sample,
    single: bool = False,
    option: str = "--column",
) -> AddressColumns:
    """Return the columns that hold the address.

    Args:
        columns: all that the table has.
        asked: one column, several with commas, or a list; found by their names and contents if not given.
        sample: returns some cells of columns, or nothing; called only where a name says no level.
        single: whether only one column may be meant, as a model that writes is asked one text.
        option: how the user names columns.

    Raises:
        UsageError: no such column, or none or several may be meant, or the first line names no columns but is a row.
    """
    names = [] if asked is None else [asked] if single and isinstance(asked, str) else names_in(asked, columns)
    if len(names) > 1 and not single:
        for name in names:
            find_column(columns, name, option)
        levels = {name: level_by_name(name) for name in names}
        if unsaid := [name for name, level in levels.items() if not level]:
            cells = sample(unsaid)
            levels |= {name: level_by_cells(cells.get(name, ())) or DETAIL for name in unsaid}
        return _ordered(levels, option)
    if not single and not names and len(columns) > 1 and (found := _found(columns, sample)):
        _check_names(found, option)
        return _ordered(found, option)
    column = find_column(columns, names[0] if names else None, option)
    if not single and not names:
        _check_names({column: DETAIL}, option)
    return AddressColumns({column: DETAIL})


def _check_names(levels: Mapping[str, str], option: str) -> None:
    """Raise `UsageError` where what should be the names of columns is a row: it would be lost."""
    named = [level_by_name(name) for name in levels]
    if any(named) or not any(_holds(name, level) for name, level in levels.items()):
        return
    first = ", ".join(levels)
    raise UsageError(
        f"{first}: the first line is an address; write a line with the column's name above it, or name it with {option}"
    )


def _holds(name: str, level: str) -> bool:
    """Return whether a column's name is what its cells hold: a division of its level, an address."""
    if level != DETAIL:
        return name.strip() in names_at(level)
    match = load_matcher().match(name)
    return match.best is not None and bool(match.path.name("county") and match.detail.strip())


def _found(columns: Sequence[str], sample: Sample) -> dict[str, str]:
    """Return columns of levels where two at least are there, by their names or, if no name says any, by contents."""
    levels = {name: level for name in columns if (level := level_by_name(name))}
    if not levels:
        cells = sample(columns)
        levels = {name: level for name in columns if (level := level_by_cells(cells.get(name, ())))}
    several = set(levels.values()) - {DETAIL}
    once = len(levels) == len(set(levels.values()))
    return levels if len(several) >= 2 and once else {}


def _ordered(levels: Mapping[str, str], option: str) -> AddressColumns:
    for level in LEVELS:
        if len(same := [name for name, found in levels.items() if found == level]) > 1:
            raise UsageError(f"{' and '.join(same)} both hold a {level}; name one of them with {option}")
    order = [*LEVELS, "village", DETAIL]
    return AddressColumns(dict(sorted(levels.items(), key=lambda item: order.index(item[1]))))
