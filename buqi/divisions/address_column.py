"""Which column of a table holds the addresses: its name says so, or else its cells do."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from typing import Any

from buqi.divisions.matcher import load_matcher
from buqi.errors import UsageError, listed
from buqi.expressions import expression

ADDRESS_NAMES = ("address", "addr", "地址", "详细地址", "住址", "收货地址")
TEXT_NAMES = ("src", "text", "input")  # of any text: they count only where no cells say more
OTHER_ADDRESS = expression(
    r"(?:.*[\W_])?(?:e-?mail|mail|ip|mac|web|url)[\W_]?address|.*(?:邮箱|邮件|电邮|网站|网页|网络|链接|图片|ip|mac)地址"
)
SAMPLE = 200  # cells of a column that are looked at
SPREAD = 20  # of them that are looked at first: if none names a county, the column holds no addresses
LONGEST = 500  # characters of a cell that are looked at
NAMED_LEAST = 0.3  # a column holds addresses if this share of its cells names a county
Sample = Callable[[Sequence[str]], Mapping[str, Sequence[Any]]]  # returns some cells of columns, by column, or none


def named_column(columns: Sequence[str], column: str, option: str = "--column") -> str:
    """Return the column that ``option`` names; `UsageError` if there is none of this name."""
    if column not in columns:
        raise UsageError(f"{option} {column}: the columns are {listed(columns)}")
    return column


def only_column(found: Sequence[str], columns: Sequence[str]) -> str:
    """Return the column that was found; `UsageError` with all ``columns`` if it was none or several."""
    if len(found) != 1:
        raise UsageError(f"which column holds the addresses? Name it with --column: {listed(columns)}")
    return found[0]


def columns_meant(columns: Sequence[str], sample: Sample) -> list[str]:
    """Return the columns that may hold the addresses: one where that is clear.

    A name of `ADDRESS_NAMES` counts more than a longer one that ends so (联系地址, home_address). Where no name or
    several say it, the cells decide. A column of counties alone counts only where no cell of another goes on.

    Args:
        columns: their names.
        sample: returns some cells of columns; called only where the names are not clear.
    """
    named = [name for name in columns if name.strip().lower() in ADDRESS_NAMES]
    named = named or [name for name in columns if ends_as_address(name)]
    if len(named) == 1:
        return named
    shares = {name: county_shares(cells) for name, cells in sample(named or columns).items()}
    held = [name for name, (_, share) in shares.items() if share >= NAMED_LEAST]
    if named:
        return held or named
    if (best := max(shares, key=lambda name: shares[name], default="")) in held:
        return [best]
    return [name for name in columns if name.strip().lower() in TEXT_NAMES]


def ends_as_address(column: str) -> bool:
    """Return whether a column's name is a longer one for an address of a place: 联系地址, 家庭住址, home_address."""
    name = column.strip().lower()
    return name.endswith(("地址", "住址", "address")) and not OTHER_ADDRESS.fullmatch(name)


def county_shares(cells: Sequence[Any]) -> tuple[float, float]:
    """Return the share of a column's filled cells that name a county and go on behind it, and that name a county."""
    filled = list(islice((cell[:LONGEST] for cell in cells if isinstance(cell, str) and cell.strip()), SAMPLE))
    if not any(map(_names_county, filled[:: 1 + len(filled) // SPREAD])):
        return 0.0, 0.0  # a table may have thousands of columns
    named = list(filter(_names_county, filled))
    going_on = sum(load_matcher().match(cell).detail.strip() != "" for cell in named)
    return going_on / max(1, len(filled)), len(named) / max(1, len(filled))


def check_header(columns: Sequence[str], is_row: bool = False) -> None:
    """Refuse a table whose first line names no columns but is a row: that row would be lost.

    Raises:
        UsageError: a column's name is an address, or the caller knows that it ``is_row``.
    """
    if is_row or any(county_shares([name])[0] for name in columns):
        raise UsageError(
            f"{', '.join(columns)}: the first line is an address; write a line with the column's name above it, or "
            "name it with --column"
        )


def _names_county(address: str) -> bool:
    """Whether an address clearly names a county, or a city without counties."""
    match = load_matcher().match(address)
    if match.best is None:
        return False
    below = [d for d in match.best.path.divisions if d.level in ("city", "county")]
    return bool(below) and (below[-1].level == "county" or not load_matcher().table.has_counties(below[-1].code))
