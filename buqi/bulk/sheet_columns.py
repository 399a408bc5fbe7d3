"""Widths of a sheet's columns: the added ones get a width that fits, those that have one keep it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import count, zip_longest
from typing import Any

from rich.cells import cell_len

LEAST, MOST, MARGIN = 9.0, 50.0, 2.0  # widths, in digits of the sheet's font; a Chinese character takes two
Column = dict[str, str]  # attributes of a <col>: the same for the columns from min to max


def fitting(rows: Iterable[Sequence[Any]]) -> list[float]:
    """Return a width for each column that fits what stands in these rows, from `LEAST` to `MOST`."""
    lengths = (max(cell_len("" if v is None else str(v)) for v in column) for column in zip_longest(*rows))
    return [min(max(length + MARGIN, LEAST), MOST) for length in lengths]


def with_widths(columns: Sequence[Column], first: int, widths: Sequence[float]) -> list[Column]:
    """Return the columns of a sheet with widths for those from ``first`` on.

    A column that the user made wider or narrower, or hid, stays so.

    Raises:
        ValueError: a column without numbers.
        KeyError: as above.
    """
    own = {number: _width(width) for number, width in zip(count(first), widths, strict=False)}
    last = first + len(widths) - 1
    found: list[Column] = []
    for column in columns:
        low, high = int(column["min"]), int(column["max"])
        inside = range(max(low, first), min(high, last) + 1)
        if not inside or _chosen(column):
            found.append(column)
        else:
            found += [column | {"max": str(first - 1)}] if low < first else []
            found += [column | own[number] | {"min": str(number), "max": str(number)} for number in inside]
            found += [column | {"min": str(last + 1)}] if high > last else []
        for number in inside:
            own.pop(number, None)
    found += [{"min": str(number), "max": str(number)} | width for number, width in own.items()]
    return sorted(found, key=lambda column: int(column["min"]))


def _width(width: float) -> Column:
    return {"width": f"{width:g}", "customWidth": "1"}


def _chosen(column: Column) -> bool:
    return any(column.get(name) in ("1", "true") for name in ("customWidth", "hidden"))
