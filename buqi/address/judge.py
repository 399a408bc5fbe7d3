"""The model as a judge: which of the likeliest places it finds likeliest."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from buqi.engine import BASE, Engine
from buqi.engine.choice import Choice, sequences
from buqi.task import ADDRESS, Task


@dataclass(frozen=True)
class Judge:
    """A model, and how much its word counts.

    Attributes:
        engine: computes the scores.
        tokenizer: the engine's.
        fusion: for ``table`` and ``memory``: the weight of what was known before, and that of the model's
            log-probabilities.
        adapter: name of the adapter that judges.
        task: makes the prompts.
        way: how the adapter was trained to choose.
        candidates: most places it is asked about.
        asked_below: it is not asked where a place has this probability already.
    """

    engine: Engine
    tokenizer: Any
    fusion: Mapping[str, tuple[float, float]]
    adapter: str = BASE
    task: Task = ADDRESS
    way: str = "contrast"
    candidates: int = 4
    asked_below: float = 0.9

    @classmethod
    def of(cls, engine: Engine, tokenizer: Any, task: Task, adapter: str = BASE) -> Judge:
        """Return a judge whose word counts as it was fitted."""
        from buqi.address.model import load_chooser

        return cls(engine, tokenizer, load_chooser().judge, adapter, task)

    def weigh(self, choices: Sequence[Choice], progress: Callable[[int], None] | None = None) -> list[list[float]]:
        """Return the natural-log probability of each candidate of each choice."""
        groups = [sequences(choice, self.task, self.tokenizer, self.way) for choice in choices]
        return self.engine.score_all(groups, self.adapter, progress)
