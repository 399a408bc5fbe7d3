"""What is wrong with a set of rows that no single row shows (duplicates, leaks), and which rows are too long."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from buqi.rows.keys import KeyMaker, Pairs, RowKeys, control_tokens, shared_groups
from buqi.rows.read import Row
from buqi.rows.split import group_of
from buqi.task import Task


@dataclass
class Report:
    """Findings over all sets. ``leaks`` spoil an evaluation; the others are worth a look.

    ``control_tokens`` are written in rows as in a prompt that is whole already; here they are text like any other.
    """

    counts: dict[str, int] = field(default_factory=dict)
    duplicates: list[str] = field(default_factory=list)
    conflicts: list[str] = field(default_factory=list)
    leaks: list[str] = field(default_factory=list)
    control_tokens: list[str] = field(default_factory=list)

    @property
    def findings(self) -> dict[str, list[str]]:
        """What was found, by kind, the worst first."""
        return {kind: getattr(self, kind) for kind in ("leaks", "conflicts", "duplicates", "control_tokens")}

    @property
    def clean(self) -> bool:
        """Whether nothing was found."""
        return not any(self.findings.values())


def check_sets(sets: Mapping[str, Sequence[Row]], task: Task) -> Report:
    """Return duplicates and contradictory answers inside each set, and places or inputs shared between sets."""
    return compared({name: _keys_of(rows, task) for name, rows in sets.items()}, sets, task)


def compared(keys: Mapping[str, RowKeys], sets: Mapping[str, Sequence[Row]], task: Task) -> Report:
    """Return what `check_sets` does, by the keys of the sets' rows. Rows are only looked at to be named."""
    report = Report(counts={name: len(own.inputs) for name, own in keys.items()})
    repeats = {name: own.repeats() for name, own in keys.items()}
    shared = {(one, other): list(shared_groups(keys[one], keys[other])) for one, other in combinations(keys, 2)}
    wanted = {name: {*own.control.tolist(), *_rows_in(repeats[name])} for name, own in keys.items()}
    for (one, other), pairs in shared.items():
        wanted[one].update(here for here, _ in pairs)
        wanted[other].update(there for _, there in pairs)
    named = {name: _picked(sets[name], wanted[name]) for name in keys}
    for name, (same, differing) in repeats.items():
        rows = named[name]
        report.duplicates += [f"{rows[row].where}: same as {rows[one].where}" for row, one in same]
        report.conflicts += [f"{rows[row].where}: same src as {rows[one].where}, another tgt" for row, one in differing]
        report.control_tokens += [control_tokens(rows[row]) for row in keys[name].control.tolist()]
    for (one, other), pairs in shared.items():
        for here, there in ((named[one][i], named[other][j]) for i, j in pairs):
            group = group_of(there, task)
            report.leaks.append(f"{there.where}: {group!r} stands in {other} and in {one} ({here.where})")
    report.leaks.sort()
    return report


def _keys_of(rows: Iterable[Row], task: Task) -> RowKeys:
    maker = KeyMaker(task)
    for row in rows:
        maker.add(row)
    return RowKeys.of(maker.arrays())


def _rows_in(repeats: tuple[Pairs, Pairs]) -> set[int]:
    return {row for pairs in repeats for pair in pairs for row in pair}


def _picked(rows: Iterable[Row], wanted: set[int]) -> dict[int, Row]:
    """Return some rows by their numbers."""
    return {number: row for number, row in enumerate(rows) if number in wanted} if wanted else {}


def seen_rows(trained: Sequence[Row], rows: Sequence[Row], task: Task) -> list[str]:
    """Return which of ``rows`` stand in what was trained, by the same text or the same place."""
    texts = {task.text_of(row.src[-1]) for row in trained}
    groups = {group_of(row, task) for row in trained}
    return [
        f"{row.where}: {task.text_of(row.src[-1])}"
        for row in rows
        if task.text_of(row.src[-1]) in texts or (row.tgt[-1] and group_of(row, task) in groups)
    ]


def too_long(
    rows: Iterable[Row],
    lengths: NDArray[np.int64],
    answers: NDArray[np.int64],
    src_length: int,
    max_length: int,
) -> list[str]:
    """Return a line for each row that does not fit; nothing is cut.

    Args:
        rows: the rows, looked at only where some do not fit.
        lengths: (rows,) tokens of each.
        answers: (rows,) tokens of each one's last answer, the end token included.
        src_length: most tokens before the last answer.
        max_length: most tokens in all, the end token included.
    """
    long = np.flatnonzero((lengths > max_length) | (lengths - answers > src_length))
    told = []
    for number, row in _picked(rows, set(long.tolist())).items():
        length, prompt = int(lengths[number]), int(lengths[number] - answers[number])
        if length > max_length:
            told.append(f"{row.where}: {length} tokens, max_length is {max_length}: its end would be cut")
        else:
            told.append(f"{row.where}: {prompt} tokens before the answer, src_length is {src_length}")
    return told
