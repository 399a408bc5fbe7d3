"""What is written beside an address, and what a cell means as text."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from buqi.address import Completion
from buqi.task import Task

ADDED = (
    *("province", "city", "county", "town", "village", "code", "full"),
    *("confidence", "status", "alternatives", "notes"),
)
WRITTEN = ("answer", "status", "notes")  # of a model trained for another task
LONGEST = 500  # characters; what is longer is no address, and reading it would take for ever
Fields = list[Any]


def fields_of(completion: Completion) -> Fields:
    """Return the values of `ADDED` for a completion. ``code`` is the deepest level's; it begins with the others'."""
    record = completion.as_json()
    codes = record["codes"]
    deepest = max(codes.values(), key=len, default="")
    others = "; ".join(
        f"{a['full']} {a['confidence']:.0%}" if a["confidence"] is not None else str(a["full"])
        for a in record["alternatives"]
    )
    levels = [record[level] for level in ADDED[:5]]
    return [
        *levels,
        deepest,
        record["full"],
        record["confidence"],
        record["status"],
        others,
        "; ".join(record["notes"]),
    ]


def written_fields(task: Task, text: str, answer: str, stopped: bool, most: int) -> Fields:
    """Return the added columns of an answer that a model wrote: `ADDED` for the address task, else `WRITTEN`.

    Args:
        task: the model's.
        text: what was asked.
        answer: what it wrote.
        stopped: whether it ended by itself.
        most: tokens it might write.
    """
    if task.name == "address":
        return fields_of(Completion.from_answer(task.text_of(text), answer, stopped))
    cut = f"more than {most} tokens (--max_new_tokens)"
    return [answer, "answered" if stopped else "cut_off", "" if stopped else cut]


def refused(text: str, why: str, added: Sequence[str] = ADDED) -> Fields:
    """Return the values of the added columns for a cell that is not asked."""
    known = {"full": text, "status": "unknown", "confidence": None, "notes": why}
    return [known.get(name, "") for name in added]


def text_of(cell: Any) -> tuple[str, str]:
    """Return a cell as text, and why it cannot be an address (``""`` if it may be)."""
    if cell is None:
        return "", "empty cell"
    if isinstance(cell, (bool, int, float)):
        return str(cell), "a number, no address"
    if isinstance(cell, (dt.date, dt.time, dt.timedelta)):
        return str(cell), "a date, no address"
    if not isinstance(cell, str):
        return str(cell), f"{type(cell).__name__}, no text"
    if not cell.strip():
        return cell, "empty cell"
    if any("\udc80" <= character <= "\udcff" for character in cell):
        return cell, "not in the file's encoding"
    if len(cell) > LONGEST:
        return cell[:40] + "…", f"{len(cell)} characters, longer than any address"
    return cell, ""


def names_beside(columns: Sequence[str], added: Sequence[str] = ADDED) -> list[str]:
    """Return the names of the added columns: ``buqi_…`` where the table has such a column already."""
    taken = set(columns)
    found = []
    for name in added:
        while name in taken:
            name = f"buqi_{name}"
        found.append(name)
    return found


def harmless(value: Any) -> Any:
    """Return a cell that no spreadsheet takes for a formula (CSV injection, OWASP): a quote goes before its sign."""
    return f"'{value}" if isinstance(value, str) and value[:1] in tuple("=+-@\t\r") else value
