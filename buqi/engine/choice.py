"""A text with candidate answers, and the ways to let a model choose among them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from buqi.engine.tree import Scored
from buqi.task import Task, tokens

WAYS = ("contrast", "answer", "number")


@dataclass(frozen=True)
class Choice:
    """A text, its candidates, and which of them is right (-1: not known)."""

    text: str
    candidates: tuple[str, ...]
    right: int = -1


def sequences(choice: Choice, task: Task, tokenizer: Any, way: str = "contrast") -> list[Scored]:
    """Return what a model scores for each candidate.

    ``contrast`` and ``answer``: the candidate as the answer to the task's prompt. ``number``: its number, after a
    prompt that lists them all.
    """
    if way == "number":
        listed = "".join(f"\n{n}. {name}" for n, name in enumerate(choice.candidates, 1))
        context = tuple(task.prompt_ids(tokenizer, f"{choice.text}{listed}"))
        return [Scored(context, tuple(tokens(tokenizer, str(n)))) for n in range(1, len(choice.candidates) + 1)]
    context = tuple(task.prompt_ids(tokenizer, choice.text))
    return [Scored(context, tuple(tokens(tokenizer, name))) for name in choice.candidates]
