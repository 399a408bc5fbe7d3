"""What is wrong with a set of rows that no single row shows (duplicates, leaks), and which rows are too long."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

from buqi.rows.read import Row
from buqi.rows.split import group_of
from buqi.task import CONTROL, Encoded, Task


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
    def clean(self) -> bool:
        """Whether nothing was found."""
        return not (self.duplicates or self.conflicts or self.leaks or self.control_tokens)


def check_sets(sets: Mapping[str, Sequence[Row]], task: Task) -> Report:
    """Return duplicates and contradictory answers inside each set, and places or inputs shared between sets."""
    report = Report(counts={name: len(rows) for name, rows in sets.items()})
    for rows in sets.values():
        _repeats(rows, task, report)
        report.control_tokens += filter(None, map(_control_tokens, rows))
    owners = {name: {group_of(row, task): row for row in rows} for name, rows in sets.items()}
    for one, other in combinations(owners, 2):
        for group in owners[one].keys() & owners[other].keys():
            here, there = owners[one][group], owners[other][group]
            report.leaks.append(f"{there.where}: {group!r} stands in {other} and in {one} ({here.where})")
    report.leaks.sort()
    return report


def seen_rows(trained: Sequence[Row], rows: Sequence[Row], task: Task) -> list[str]:
    """Return which of ``rows`` stand in what was trained, by the same text or the same place."""
    texts = {task.text_of(row.src[-1]) for row in trained}
    groups = {group_of(row, task) for row in trained}
    return [
        f"{row.where}: {task.text_of(row.src[-1])}"
        for row in rows
        if task.text_of(row.src[-1]) in texts or (row.tgt[-1] and group_of(row, task) in groups)
    ]


def _control_tokens(row: Row) -> str:
    """Return where control tokens are written in a row; empty where there are none."""
    texts = {"system": (row.system or "",), "src": row.src, "tgt": row.tgt}
    found = {key: sorted({name for text in given for name in CONTROL.findall(text)}) for key, given in texts.items()}
    told = "; ".join(f"{key} holds {', '.join(names)}" for key, names in found.items() if names)
    return f"{row.where}: {told}: taken as text, not as control tokens" if told else ""


def _repeats(rows: Sequence[Row], task: Task, report: Report) -> None:
    seen: dict[tuple[str, ...], Row] = {}
    for row in rows:
        key = (task.text_of(row.src[0]), *row.src[1:], row.system or "")
        first = seen.setdefault(key, row)
        if first is row:
            continue
        if first.tgt == row.tgt:
            report.duplicates.append(f"{row.where}: same as {first.where}")
        else:
            report.conflicts.append(f"{row.where}: same src as {first.where}, another tgt")


def check_lengths(
    rows: Sequence[Row], task: Task, tokenizer: Any, src_length: int, max_length: int
) -> tuple[list[Encoded], list[str]]:
    """Encode rows and name those that do not fit, instead of cutting them.

    Args:
        rows: the rows.
        task: makes the prompt.
        tokenizer: the base's tokenizer.
        src_length: most tokens before the last answer.
        max_length: most tokens in all, the end token included.

    Returns:
        the encoded rows, and one line for each row that is too long.
    """
    encoded, too_long = [], []
    for row in rows:
        one = task.encode(tokenizer, row.src, row.tgt, row.system, row.trained)
        encoded.append(one)
        prompt = len(one.ids) - _last_answer(one)
        if len(one.ids) > max_length:
            too_long.append(f"{row.where}: {len(one.ids)} tokens, max_length is {max_length}: its end would be cut")
        elif prompt > src_length:
            too_long.append(f"{row.where}: {prompt} tokens before the answer, src_length is {src_length}")
    return encoded, too_long


def _last_answer(one: Encoded) -> int:
    return one.trained[::-1].index(False) if False in one.trained else len(one.trained)
