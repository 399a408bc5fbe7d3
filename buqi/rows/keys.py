"""Keys of rows: 64 bits each of the input, the answer and the group, so that no text has to stay in memory."""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from buqi.indexes import Arrays
from buqi.rows.read import Row
from buqi.rows.split import begins_of, group_of
from buqi.task import CONTROL, Task

Numbers = NDArray[np.uint64]
Pairs = list[tuple[int, int]]


class KeyMaker:
    """Makes the keys of rows, one row after another."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self.inputs, self.answers, self.groups, self.control = array("Q"), array("Q"), array("Q"), array("q")

    def add(self, row: Row) -> None:
        """Add a row."""
        if any("<|" in text for text in (*row.src, *row.tgt, row.system or "")) and control_tokens(row):
            self.control.append(len(self.inputs))
        self.inputs.append(_hash(self.task.text_of(row.src[0]), *row.src[1:], row.system or ""))
        self.answers.append(_hash(*row.tgt))
        self.groups.append(_hash(group_of(row, self.task)))

    def arrays(self) -> Arrays:
        """Return the keys as arrays; `RowKeys.of` reads them."""
        found = {name: np.array(getattr(self, name), dtype=np.uint64) for name in ("inputs", "answers", "groups")}
        return {**found, "control": np.array(self.control, dtype=np.int64)}


@dataclass(frozen=True)
class RowKeys:
    """Keys of the rows of a set: (rows,) each; and which rows have control tokens in their texts."""

    inputs: Numbers
    answers: Numbers
    groups: Numbers
    control: NDArray[np.int64]

    @classmethod
    def of(cls, arrays: Arrays) -> RowKeys:
        """Return the keys that a `KeyMaker` made."""
        return cls(arrays["inputs"], arrays["answers"], arrays["groups"], arrays["control"])

    def repeats(self) -> tuple[Pairs, Pairs]:
        """Return (row, first row of its input) of rows with the same answer, and of those with another."""
        order = np.argsort(self.inputs, kind="stable")
        begins = begins_of(self.inputs[order])
        first = np.repeat(order[begins], np.diff(begins, append=len(order)))
        later = order != first
        pairs = sorted(zip(order[later].tolist(), first[later].tolist(), strict=True))
        same = [pair for pair in pairs if self.answers[pair[0]] == self.answers[pair[1]]]
        return same, sorted({*pairs} - {*same})

    def last_of_groups(self) -> tuple[Numbers, NDArray[np.int64]]:
        """Return the groups, in order, and the last row of each."""
        order = np.argsort(self.groups, kind="stable")
        ordered = self.groups[order]
        begins = begins_of(ordered)
        return ordered[begins], order[np.append(begins[1:], len(order)) - 1] if len(order) else order


def shared_groups(one: RowKeys, other: RowKeys) -> Iterator[tuple[int, int]]:
    """Yield, for every group that both sets have, the indexes of its last row in each."""
    (groups, rows), (others, other_rows) = one.last_of_groups(), other.last_of_groups()
    _, here, there = np.intersect1d(groups, others, assume_unique=True, return_indices=True)
    yield from zip(rows[here].tolist(), other_rows[there].tolist(), strict=True)


def control_tokens(row: Row) -> str:
    """Return a line that says where a row has control tokens; empty where it has none."""
    texts = {"system": (row.system or "",), "src": row.src, "tgt": row.tgt}
    found = {key: sorted({name for text in given for name in CONTROL.findall(text)}) for key, given in texts.items()}
    told = "; ".join(f"{key} holds {', '.join(names)}" for key, names in found.items() if names)
    return f"{row.where}: {told}: taken as text, not as control tokens" if told else ""


def _hash(*texts: str) -> int:
    return int.from_bytes(hashlib.blake2b("\0".join(texts).encode(), digest_size=8).digest(), "big")
