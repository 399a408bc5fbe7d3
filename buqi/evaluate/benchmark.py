"""The open benchmark, which ships with the package: lines of 17 kinds, each with its right answer."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from buqi.rows import Row

BENCHMARK = Path(__file__).parent / "data" / "open_benchmark.jsonl.gz"
CONTESTANTS = "rivals,match,auto"
NO_MEMORY = Path(os.devnull)  # what a user's own memory knows would make figures that nobody else gets


def spread(rows: Sequence[Row], count: int) -> list[int]:
    """Return the numbers of ``count`` rows of each slice (of all rows where they name none), evenly spread."""
    groups: dict[str, list[int]] = defaultdict(list)
    for i, row in enumerate(rows):
        groups[str(row.meta.get("slice", ""))].append(i)
    few = (
        group if len(group) <= count else [group[k * len(group) // count] for k in range(count)]
        for group in groups.values()
    )
    return sorted(i for group in few for i in group)
