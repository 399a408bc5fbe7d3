"""The added columns: their names and values; and what a cell means as text."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from typing import Any

from buqi.address import Completion
from buqi.address.completion import CONTACT, percent
from buqi.answering import Reply
from buqi.encoding import half_in
from buqi.task import Task

ADDED = (  # for an address
    *("province", "city", "county", "town", "village", "code", "full", "lead", "detail"),
    *("confidence", "status", "alternatives", "notes"),
)
WRITTEN = ("answer", "status", "notes")  # for what a model of another task writes
LONGEST_ADDRESS = 500  # characters; a longer text is no address, and reading it would take very long
BROKEN_BYTE = re.compile("[\udc80-\udcff]")  # as `surrogateescape` decodes it
Fields = list[Any]  # the values of the added columns in one row


def added_columns(task: Task, contact: bool = False) -> tuple[str, ...]:
    """Return the names of the columns that are added to texts of a task."""
    return (ADDED + CONTACT if contact else ADDED) if task.is_address else WRITTEN


def fields_of(reply: Reply, most_tokens: int) -> Fields:
    """Return the values of the added columns: `ADDED` for a completion, else `WRITTEN`.

    ``code`` is that of the deepest level, which begins with the codes of the levels above it.
    """
    if not isinstance(reply, Completion):
        cut = ["cut_off", f"more than {most_tokens} tokens (--max_new_tokens)"]
        return [reply.answer, *(["answered", ""] if reply.stopped else cut)]
    record = reply.as_json()
    others = "; ".join(
        f"{a['full']} {percent(a['confidence'])}" if a["confidence"] is not None else str(a["full"])
        for a in record["alternatives"]
    )
    record |= {"code": reply.code, "alternatives": others}
    return [*(record[name] for name in ADDED[:-1]), "; ".join(record["notes"])]


def refused(text: str, problem: str, added: Sequence[str] = ADDED) -> Fields:
    """Return the values of the added columns for a cell that is not asked."""
    known = {"full": text, "status": "unknown", "confidence": None, "notes": problem}
    return [known.get(name, "") for name in added]


def with_refused(
    asked: Sequence[tuple[str, str]], found: Iterable[Fields], added: Sequence[str] = ADDED
) -> list[Fields]:
    """Return the values of the added columns for each cell.

    Args:
        asked: the cells, as `text_of` returns them.
        found: the values for those without a problem, in order.
        added: names of the columns.
    """
    rest = iter(found)
    return [refused(text, problem, added) if problem else next(rest) for text, problem in asked]


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
    if half_in(cell):
        return cell, "not in the file's encoding" if BROKEN_BYTE.search(cell) else "half a character"
    if len(cell) > LONGEST_ADDRESS:
        return cell[:40] + "…", f"{len(cell)} characters, longer than any address"
    return cell, ""


def is_number(name: str) -> bool:
    """Whether an added column holds numbers; the others hold text."""
    return name.endswith("confidence")


def names_beside(columns: Sequence[str], added: Sequence[str] = ADDED) -> list[str]:
    """Return the names of the added columns: ``buqi_…`` where the table has such a column already."""
    taken = set(columns)
    found = []
    for name in added:
        while name in taken:
            name = f"buqi_{name}"
        found.append(name)
    return found


def encodable(value: Any) -> Any:
    """Return a cell with ``?`` for every lone surrogate in its text: no other file can hold one."""
    return value if not isinstance(value, str) or value.isascii() else value.encode("utf-8", "replace").decode("utf-8")
