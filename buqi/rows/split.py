"""Splitting rows 70/15/15 by group, so that what belongs together never stands in two sets."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Sequence

from buqi.rows.read import Row
from buqi.task import Task

SHARES = {"train": 0.70, "dev": 0.15, "test": 0.15}
FIRST_NUMBER = re.compile(r"[0-9０-９一二三四五六七八九十百]+\s*(?:号|弄|栋|幢|室|单元|组|楼|-|－|—|$)|[0-9０-９]")


def group_of(row: Row, task: Task) -> str:
    """Return what a row is about: for addresses the place (the full address without house numbers), else its input."""
    if task.name == "address":
        answer = row.tgt[-1]
        number = FIRST_NUMBER.search(answer)
        return answer[: number.start()].strip() if number else answer.strip()
    return task.text_of(row.src[0]).strip()


def split_rows(rows: Sequence[Row], task: Task, seed: int = 42) -> dict[str, list[Row]]:
    """Return the rows in sets of about these `SHARES`; all rows of one group fall into one set.

    Groups are taken in the order of a keyed hash, so the same rows and seed give the same split, and each set is
    filled by rows, not groups, so that a few large groups do not skew the shares.
    """
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        groups[group_of(row, task)].append(row)
    order = sorted(groups, key=lambda group: hashlib.sha256(f"{seed}/{group}".encode()).digest())
    sets: dict[str, list[Row]] = {name: [] for name in SHARES}
    for group in order:
        emptiest = min(sets, key=lambda name: len(sets[name]) / SHARES[name])
        sets[emptiest] += groups[group]
    return sets
