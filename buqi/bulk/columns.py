"""Which column holds the addresses."""

from __future__ import annotations

import re
from collections.abc import Sequence

from buqi.errors import UsageError, listed

ADDRESS_COLUMNS = ("address", "addr", "src", "text", "地址", "详细地址", "住址", "收货地址", "input")


def find_column(columns: Sequence[str], column: str | None, option: str = "--column") -> str:
    """Return the column with the addresses: the one named, or the one that is called so.

    Raises:
        UsageError: no such column, or none or several look like it.
    """
    if column is not None:
        if column not in columns:
            raise UsageError(f"{option} {column}: the columns are {listed(columns)}")
        return column
    found = [name for name in columns if name.strip().lower() in ADDRESS_COLUMNS]
    if len(found) == 1 or len(columns) == 1:
        return found[0] if found else columns[0]
    raise UsageError(f"which column holds the addresses? Name it with --column: {listed(columns)}")


def names_in(asked: str | Sequence[str], columns: Sequence[str]) -> list[str]:
    """Return the columns that a user names: one, several with commas between them, or a list."""
    if not isinstance(asked, str):
        return list(asked)
    if asked in columns or not re.search("[,，]", asked):
        return [asked]
    return [name.strip() for name in re.split("[,，]", asked) if name.strip()]
