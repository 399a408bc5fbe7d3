"""Splitting rows 70/15/15 by group, so that what belongs together never stands in two sets."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from array import array
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from buqi.rows.read import FILE_NAMES, Row
from buqi.task import Task

SHARES = {"train": 0.70, "dev": 0.15, "test": 0.15}
FIRST_NUMBER = re.compile(r"[0-9０-９一二三四五六七八九十百]+\s*(?:号|弄|栋|幢|室|单元|组|楼|-|－|—|$)|[0-9０-９]")
WRITTEN = 4096  # lines that are written at once


def group_of(row: Row, task: Task) -> str:
    """Return what a row is about: of addresses the full address up to its first number, else the input."""
    if task.is_address:
        answer = row.tgt[-1]
        number = FIRST_NUMBER.search(answer)
        return answer[: number.start()].strip() if number else answer.strip()
    return task.text_of(row.src[0]).strip()


def split_key(row: Row, task: Task, seed: int) -> int:
    """Return 64 bits of a keyed hash, the same for all rows of a group; groups are taken in the order of these."""
    return int.from_bytes(hashlib.sha256(f"{seed}/{group_of(row, task)}".encode()).digest()[:8], "big")


def split_rows(rows: Sequence[Row], task: Task, seed: int = 42) -> dict[str, list[Row]]:
    """Return the rows in sets of about these `SHARES`; all rows of one group are in one set.

    Groups are taken in the order of a keyed hash: the same rows and seed give the same split. Sets are filled by rows,
    not by groups: a few large groups do not skew the shares.
    """
    keys = np.array([split_key(row, task, seed) for row in rows], dtype=np.uint64)
    return {name: [rows[at] for at in chosen] for name, chosen in sets_of(keys).items()}


def sets_of(keys: NDArray[np.uint64]) -> dict[str, NDArray[np.int64]]:
    """Return the indexes of the rows of each set, by the rows' `split_key`. Each group goes to the emptiest set."""
    order = np.argsort(keys, kind="stable")
    begins = begins_of(keys[order])
    lengths = np.diff(begins, append=len(keys))
    names, sizes = list(SHARES), dict.fromkeys(SHARES, 0)
    set_of_group = np.empty(len(begins), dtype=np.uint8)
    for group, length in enumerate(lengths.tolist()):
        emptiest = min(sizes, key=lambda name: sizes[name] / SHARES[name])
        sizes[emptiest] += length
        set_of_group[group] = names.index(emptiest)
    set_of_row = np.repeat(set_of_group, lengths)
    return {name: order[set_of_row == number] for number, name in enumerate(names)}


def begins_of(ordered: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Return the index at which each group of equal numbers begins in an ordered array."""
    changes = np.ones(len(ordered), dtype=bool)
    changes[1:] = ordered[1:] != ordered[:-1]
    return np.flatnonzero(changes)


class SplitLines:
    """Lines of rows, kept in a file without a name until all are there and can be written in sets.

    Args:
        folder: where the file lies; it is gone when this process ends.
    """

    def __init__(self, folder: Path) -> None:
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 (closed in __exit__)
        self._keys, self._ends = array("Q"), array("q", [0])

    def __enter__(self) -> SplitLines:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._file.close()

    def add(self, key: int, line: bytes) -> None:
        """Add a line with its row's `split_key`."""
        self._file.write(line)
        self._keys.append(key)
        self._ends.append(self._ends[-1] + len(line))

    def write(self, folder: Path) -> dict[str, int]:
        """Write each set into ``folder``; return how many rows it has. A set's order is that of `split_rows`."""
        self._file.flush()
        ends, sizes = np.frombuffer(self._ends, dtype=np.int64), {}
        for name, chosen in sets_of(np.frombuffer(self._keys, dtype=np.uint64)).items():
            with (folder / FILE_NAMES[name]).open("wb") as file:
                for at in range(0, len(chosen), WRITTEN):
                    file.write(b"".join(self._lines(ends, chosen[at : at + WRITTEN])))
            sizes[name] = len(chosen)
        return sizes

    def _lines(self, ends: NDArray[np.int64], chosen: NDArray[np.int64]) -> Iterator[bytes]:
        for start, end in zip(ends[chosen].tolist(), ends[chosen + 1].tolist(), strict=True):
            yield os.pread(self._file.fileno(), end - start, start)
