"""Several models over the same rows, side by side."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from buqi.engine import BASE, Answer, Engine
from buqi.evaluate.metrics import Score, score_answer, shares
from buqi.rows import Row
from buqi.task import Task


@dataclass
class Contestant:
    """One model: an engine, the adapter that answers, and what it answered."""

    name: str
    engine: Engine
    tokenizer: Any
    adapter: str = BASE
    answers: list[Answer] = field(default_factory=list)
    scores: list[Score] = field(default_factory=list)
    seconds: float = 0.0


@dataclass(frozen=True)
class Comparison:
    """Answers and scores of all contestants over the same rows."""

    task: Task
    rows: Sequence[Row]
    contestants: Sequence[Contestant]

    def as_json(self) -> dict[str, Any]:
        """Return every figure and every answer."""
        fixed, broken = self.changed()
        return {
            "task": self.task.name,
            "rows": len(self.rows),
            "contestants": {c.name: self._figures(c) for c in self.contestants},
            "fixed": fixed,
            "broken": broken,
            "answers": [
                {
                    "src": self.text(row),
                    "gold": row.tgt[-1],
                    **({"damage": row.meta["damage"]} if "damage" in row.meta else {}),
                    "answers": {c.name: c.answers[i].text for c in self.contestants},
                    "exact": {c.name: c.scores[i].exact for c in self.contestants},
                }
                for i, row in enumerate(self.rows)
            ],
        }

    def _figures(self, c: Contestant) -> dict[str, Any]:
        kinds: dict[str, list[Score]] = defaultdict(list)
        for row, score in zip(self.rows, c.scores, strict=True):
            if "damage" in row.meta:
                kinds[row.meta["damage"]].append(score)
        return {
            **{name: round(value, 4) for name, value in shares(c.scores).items()},
            "seconds": round(c.seconds, 2),
            "rows_per_second": round(len(self.rows) / c.seconds, 2) if c.seconds else None,
            "by_damage": {
                kind: {"rows": len(s), "exact_match": round(shares(s)["exact_match"], 4)}
                for kind, s in sorted(kinds.items())
            },
        }

    def text(self, row: Row) -> str:
        """Return what was asked, without the instruction."""
        return self.task.text_of(row.src[-1])

    def changed(self) -> tuple[list[int], list[int]]:
        """Return the rows that the last contestant has right and the first wrong (fixed), and the reverse (broken)."""
        if len(self.contestants) < 2:
            return [], []
        pairs = list(zip(self.contestants[0].scores, self.contestants[-1].scores, strict=True))
        return (
            [i for i, (first, last) in enumerate(pairs) if last.exact and not first.exact],
            [i for i, (first, last) in enumerate(pairs) if first.exact and not last.exact],
        )


def compare_rows(
    task: Task,
    rows: Sequence[Row],
    contestants: Sequence[Contestant],
    max_new_tokens: int = 128,
    progress: Callable[[str, int], None] = lambda *_: None,
) -> Comparison:
    """Let every contestant answer every row, greedily and with the task's prompt.

    Args:
        task: makes the prompts and compares the answers.
        rows: rows with gold answers.
        contestants: who answers; each is filled with its answers and scores.
        max_new_tokens: most tokens of an answer.
        progress: called with a contestant's name and how many more rows it has answered.
    """
    for c in contestants:
        prompts = [task.prompt_text(c.tokenizer, row.src, row.tgt[:-1], row.system) for row in rows]
        started = time.monotonic()
        c.answers = c.engine.generate(prompts, max_new_tokens, c.adapter, lambda n, c=c: progress(c.name, n))  # type: ignore[misc]
        c.seconds = time.monotonic() - started
        c.scores = [score_answer(task, answer, row.tgt[-1]) for answer, row in zip(c.answers, rows, strict=True)]
    return Comparison(task, rows, contestants)
