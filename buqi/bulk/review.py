"""The review file: the rows that a person should look at. Those without an answer come first, then the least sure."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from buqi.bulk.formulas import harmless
from buqi.files import whole_file

REVIEW_ROWS = 10_000  # most rows of a review file
OTHERS_SHOWN = 20  # most numbers of further rows that are alike
REVIEW_COLUMNS = ("row", "input", "full", "confidence", "status", "alternatives", "times", "other_rows")


class ReviewRow(NamedTuple):
    """A row that a person should look at."""

    certainty: float  # of its answer; 0 if there is none
    number: int  # in the user's file
    key: str
    text: str
    full: str | None
    confidence: float | None
    status: str
    alternatives: str | None


class _Group:
    """Rows with the same text and answer: the first, and the numbers or keys of the others."""

    def __init__(self, first: ReviewRow) -> None:
        self.first, self.times = first, 1
        self.others: list[str] = []

    def add(self, row: ReviewRow, keyed: bool) -> None:
        self.times += 1
        if len(self.others) < OTHERS_SHOWN:
            self.others.append(row.key if keyed else str(row.number))

    def cells(self, keyed: bool) -> list[Any]:
        more = self.times - 1 - len(self.others)
        others = "; ".join([*self.others, *([f"{more} more"] if more else [])])
        key = [self.first.key] if keyed else []
        return [self.first.number, *key, *self.first[3:], self.times, others]


def write_review(path: Path, rows: Iterable[Any], key: str | None) -> None:
    """Write rows; those with the same text and answer stand there once.

    Args:
        path: the review file.
        rows: the values of a `ReviewRow` each, in the order of the file; they need not fit into memory.
        key: the user's own column that names a row. It stands behind the row's number, and ``other_rows`` has its
            values.
    """
    groups: dict[tuple[Any, ...], _Group] = {}
    for values in rows:
        row = ReviewRow(*values)
        alike = row[3:]
        if alike in groups:
            groups[alike].add(row, key is not None)
        else:
            groups[alike] = _Group(row)
            if len(groups) > 4 * REVIEW_ROWS:  # a group that is left out here would not be among the first anyway
                groups = dict(_least_sure_first(groups)[: 2 * REVIEW_ROWS])
    columns = [REVIEW_COLUMNS[0], *([key] if key is not None else []), *REVIEW_COLUMNS[1:]]
    with whole_file(path) as draft, draft.open("w", encoding="utf-8-sig", newline="", errors="replace") as file:
        writer = csv.writer(file)
        writer.writerow(map(harmless, columns))
        for _, group in _least_sure_first(groups)[:REVIEW_ROWS]:
            writer.writerow([harmless(cell) for cell in group.cells(key is not None)])


def _least_sure_first(groups: dict[tuple[Any, ...], _Group]) -> list[tuple[tuple[Any, ...], _Group]]:
    """Return groups by the certainty of their answer; those without an answer by the confidence that was too low."""
    return sorted(groups.items(), key=lambda group: _doubt(group[1].first))


def _doubt(row: ReviewRow) -> tuple[float, float, int]:
    return row.certainty, row.confidence or 0.0, row.number
