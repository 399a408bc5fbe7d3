"""Finds the columns that hold the addresses, by their names or by their cells."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from buqi.bulk.fields import ADDED, text_of
from buqi.bulk.level_columns import DETAIL, AddressColumns, names_at
from buqi.divisions import LEVELS
from buqi.divisions.address_column import (
    ADDRESS_NAMES,
    TEXT_NAMES,
    Sample,
    check_header,
    columns_meant,
    ends_as_address,
    named_column,
    only_column,
)
from buqi.errors import UsageError

LEVEL_COLUMNS = {
    "province": "province prov 省 省份 省名 省级 省市 所在省 所在省份 省/直辖市 省（市）",
    "city": "city 市 城市 地市 市名 市级 地级市 所在市 所在城市 州市",
    "county": "county district 区 县 区县 县区 县市 区/县 区（县） 县级 所在区 所在区县 县市区 市县区 区县市",
    "town": "town township 镇 街道 乡镇 乡 乡镇街道 街道乡镇 镇街 街道办 街道/乡镇 乡镇/街道 所在街道",
    "village": "village community 村 社区 村社区 居委会 村委会 村/社区",
}
DETAIL_COLUMNS = ("detail", "street_address", "address1", "详址", "具体地址", "地址详情", "门牌", "门牌号", "街道地址")
LEVEL_SHARE = 0.6  # a column is of a level if this share of its cells are names of it
ROAD_OR_DOOR = re.compile(r"[路街道巷弄村组栋幢座号室楼]")


def named_columns(asked: str | Sequence[str], columns: Sequence[str]) -> list[str]:
    """Return the columns that a user names: one, several with commas between them, or a list."""
    if not isinstance(asked, str):
        return list(asked)
    if asked in columns or not re.search("[,，]", asked):
        return [asked]
    return [name.strip() for name in re.split("[,，]", asked) if name.strip()]


def level_by_name(column: str) -> str:
    """Return the level that a column's name says, `DETAIL` for an address, ``""`` if it says none."""
    name = column.strip().lower()
    if name in (*ADDRESS_NAMES, *TEXT_NAMES, *DETAIL_COLUMNS):
        return DETAIL
    return next((level for level, names in LEVEL_COLUMNS.items() if name in names.split()), "")


def level_by_cells(cells: Sequence[Any]) -> str:
    """Return the level whose names most cells of a column are, `DETAIL` for roads and doors, ``""`` for neither."""
    texts = [text for cell in cells if not (found := text_of(cell))[1] and (text := found[0].strip())]
    if not texts:
        return ""
    shares = {level: sum(text in names_at(level) for text in texts) / len(texts) for level in LEVELS}
    best = max(shares, key=lambda level: shares[level])
    if shares[best] >= LEVEL_SHARE:
        return best
    return DETAIL if sum(ROAD_OR_DOOR.search(text) is not None for text in texts) >= LEVEL_SHARE * len(texts) else ""


def find_columns(
    columns: Sequence[str], asked: str | Sequence[str] | None, sample: Sample, single: bool = False
) -> AddressColumns:
    """Return the columns that hold the address.

    Args:
        columns: all that the table has.
        asked: one column, several with commas, or a list; found by their names and contents if not given.
        sample: returns some cells of columns; called only where a name says no level.
        single: whether the texts stand in one column: a model that writes is asked one text.

    Raises:
        UsageError: no such column, or none or several may be meant, or the first line names no columns but is a row.
    """
    if single and isinstance(asked, str):
        asked = [asked]
    if asked is not None and (names := named_columns(asked, columns)):
        if len(names) == 1:
            return AddressColumns({named_column(columns, names[0]): DETAIL})
        return _named_levels(columns, names, sample)
    columns = _without_added(columns)
    if single:
        return AddressColumns({_found(columns, lambda _: {}): DETAIL})
    levels = _guessed_levels(columns, sample) if len(columns) > 1 else {}
    levels = levels or {_found(columns, sample): DETAIL}
    _check_header(levels)
    return _ordered(levels)


def _found(columns: Sequence[str], sample: Sample) -> str:
    """Return the column with the addresses: an only one, whatever it is named, or the one that is found."""
    return columns[0] if len(columns) == 1 else only_column(columns_meant(columns, sample), columns)


def _named_levels(columns: Sequence[str], names: Sequence[str], sample: Sample) -> AddressColumns:
    """Return the columns that a user names, with the level that each holds."""
    for name in names:
        named_column(columns, name)
    levels = {name: level_by_name(name) for name in names}
    if unsaid := [name for name, level in levels.items() if not level]:
        cells = sample(unsaid)
        levels |= {name: level_by_cells(cells.get(name, ())) or DETAIL for name in unsaid}
    return _ordered(levels)


def _without_added(columns: Sequence[str]) -> Sequence[str]:
    """Return the columns without those that an earlier result added, if an address may stand in one of the others."""
    own = [name for name in columns if name not in ADDED]
    says_address = any(level_by_name(name) or ends_as_address(name) for name in own)
    return own if set(ADDED) <= set(columns) and says_address else columns


def _check_header(levels: Mapping[str, str]) -> None:
    """Refuse a file whose header is a row: no column's name is one of a level, and one is an address or a division."""
    if not any(map(level_by_name, levels)):
        check_header(list(levels), any(n.strip() in names_at(level) for n, level in levels.items() if level != DETAIL))


def _guessed_levels(columns: Sequence[str], sample: Sample) -> dict[str, str]:
    """Return the levels of columns by their names or, if no name says any, by their cells.

    Empty unless there are columns of two levels at least, and no level has two columns.
    """
    levels = {name: level for name in columns if (level := level_by_name(name))}
    if levels and DETAIL not in levels.values():
        levels |= {name: DETAIL for name in columns if ends_as_address(name)}
    if not levels:
        cells = sample(columns)
        levels = {name: level for name in columns if (level := level_by_cells(cells.get(name, ())))}
    several = set(levels.values()) - {DETAIL}
    once = len(levels) == len(set(levels.values()))
    return levels if len(several) >= 2 and once else {}


def _ordered(levels: Mapping[str, str]) -> AddressColumns:
    """Return the columns in the order of an address.

    Raises:
        UsageError: two columns hold one level.
    """
    for level in LEVELS:
        if len(same := [name for name, found in levels.items() if found == level]) > 1:
            raise UsageError(f"{' and '.join(same)} both hold a {level}; name one of them with --column")
    order = [*LEVELS, "village", DETAIL]
    return AddressColumns(dict(sorted(levels.items(), key=lambda item: order.index(item[1]))))
