"""What is right about one answer, and shares over many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from buqi.divisions import LEVELS, load_table
from buqi.engine import Answer
from buqi.task import Task


@dataclass(frozen=True)
class Score:
    """One answer against its gold. ``levels`` holds the levels that the gold names: right or not."""

    exact: bool
    stopped: bool
    levels: dict[str, bool]


def score_answer(task: Task, answer: Answer, gold: str) -> Score:
    """Return what is right about ``answer``. Levels are read with the division table; for other tasks there are none.

    A level is right when the answer names the same division under the same parents.
    """
    levels: dict[str, bool] = {}
    if task.name == "address":
        table = load_table()
        wanted, found = table.read(gold)[0].codes, table.read(answer.text)[0].codes
        levels = {level: found.get(level) == wanted[level] for level in LEVELS if level in wanted}
        if levels:
            levels["province_city_county"] = all(levels.get(level, True) for level in LEVELS[:3])
    return Score(task.same(answer.text, gold), answer.stopped, levels)


def shares(scores: Sequence[Score]) -> dict[str, float]:
    """Return the share of rows right, for each measure; a level counts over the rows whose gold has it."""
    found = {"exact_match": _share([s.exact for s in scores])}
    for level in (*LEVELS[:3], "province_city_county", LEVELS[3]):
        of = [s.levels[level] for s in scores if level in s.levels]
        if of:
            found[level] = _share(of)
    found["stopped"] = _share([s.stopped for s in scores])
    return found


def _share(values: Sequence[bool]) -> float:
    return sum(values) / len(values) if values else 0.0
