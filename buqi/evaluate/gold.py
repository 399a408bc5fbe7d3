"""Rows with right answers: a text, or only the levels that are known."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from buqi.divisions import LEVELS, load_matcher, load_table
from buqi.encoding import half_in, read_text
from buqi.errors import UsageError, explained
from buqi.rows import Row, read_rows
from buqi.task import ADDRESS


@dataclass(frozen=True)
class Gold:
    """What is right for one row.

    Attributes:
        text: the whole answer; ``""`` where only levels are known.
        levels: names by level, as far as they are known; a level that the place has not (the city of a municipality)
            is ``""``.
        today: ``levels`` by the names of today's table, where the row uses former ones.
        nowhere: the text names no place, so every answer is wrong.
    """

    text: str
    levels: dict[str, str]
    today: dict[str, str]
    nowhere: bool = False


def read_gold(path: Path) -> list[Row]:
    """Return rows of ``src``/``tgt``, or of ``input`` with ``province``, ``city``… (and ``gold``, ``slice``).

    A row whose province, city and county are all ``""`` names no place. Where a row has ``scored`` (``province and
    city``), only the levels that it names count.

    Raises:
        UsageError: the file is missing, empty, or holds neither.
    """
    text = read_text(path)
    first = text.lstrip()[:4000].partition("\n")[0]
    if '"input"' not in first or '"src"' in first:
        return read_rows(path)
    lines = ((f"{path}:{number}", line) for number, line in enumerate(text.split("\n"), 1) if line.strip())
    return [_row(_record(line, where), where) for where, line in lines]


def _row(record: dict[str, Any], where: str) -> Row:
    """Return the row of a record; a `UsageError` if nothing could be right."""
    levels: dict[str, str] = {level: record[level] or "" for level in LEVELS if level in record}
    scored = record.get("scored") or LEVELS
    known = [level for level in LEVELS if levels.get(level) and level in scored]
    if not known and not all(level in levels for level in LEVELS[:3]):
        raise UsageError(f"{where}: no level is known; nothing could be right")
    # What lies above the deepest known level is known too: "" means that the place has none.
    depth = LEVELS.index(known[-1]) + 1 if known else 0
    meta: dict[str, Any] = {"levels": {level: levels.get(level, "") for level in LEVELS[:depth]}}
    meta |= {key: record[key] for key in ("slice", "damage") if key in record}
    return Row((ADDRESS.prompt(record["input"]),), (record.get("gold") or "",), meta=meta, where=where)


def _record(line: str, where: str) -> dict[str, Any]:
    """Return a line's record, whose input, levels and answer are texts."""
    expected = f"{where}: expected input and levels (province, city…) as texts"
    with explained(expected, ValueError, RecursionError, error=UsageError):
        record = json.loads(line)
    if not isinstance(record, dict) or "input" not in record:
        raise UsageError(f"{expected}, found no input")
    for key in ("input", *LEVELS, "gold", "slice"):
        if (value := record.get(key)) is None and key != "input":
            continue
        if not isinstance(value, str):
            raise UsageError(f"{expected}; {key} is {type(value).__name__}")
        if half_in(value):
            raise UsageError(f"{expected}; {key} holds half a character")
    scored = record.get("scored") or []
    if not isinstance(scored, (str, list)) or not all(isinstance(level, str) for level in scored):
        raise UsageError(f"{expected}; scored is no text and no list of levels")
    return record


def gold_of(row: Row, address: bool) -> Gold:
    """Return what is right for ``row``; levels only for the address task."""
    text = row.tgt[-1]
    if not address:
        return Gold(text, {}, {})
    levels = row.meta.get("levels")
    if levels is None:
        path = load_table().read(text)[0]
        deepest = max((LEVELS.index(d.level) for d in path.divisions), default=-1)
        levels = {level: path.name(level) for level in LEVELS[: deepest + 1]}
    return Gold(text, levels, _today(tuple(levels.items())), nowhere=levels == {} and not text)


@lru_cache(maxsize=20000)
def _today(items: tuple[tuple[str, str], ...]) -> dict[str, str]:
    levels = dict(items)
    if levels.get("county"):
        best = load_matcher().match("".join(levels[level] for level in LEVELS[:3])).best
        if best is not None and best.path.name("province") == levels["province"]:
            return levels | {level: best.path.name(level) for level in ("city", "county")}
    return levels
