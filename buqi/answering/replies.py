"""What an answerer returns: the completion of an address, or a model's answer to a text of another task."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from buqi.address import Completion
from buqi.task import Task


@dataclass(frozen=True)
class WrittenText:
    """A model's answer to a text of another task than addresses."""

    input: str
    answer: str
    stopped: bool  # whether the model ended its answer itself
    probabilities: dict[str, float] | None = None  # of each allowed answer, the likeliest first

    def __str__(self) -> str:
        return self.answer

    def as_json(self) -> dict[str, Any]:
        """Return the answer as a JSON object."""
        return {key: value for key, value in asdict(self).items() if value is not None}


Reply = Completion | WrittenText


def reply_of(task: Task, text: str, answer: str, stopped: bool) -> Reply:
    """Return the reply that a model's written answer to ``text`` stands for."""
    if task.is_address:
        return Completion.from_answer(task.text_of(text), answer, stopped)
    return WrittenText(text, answer, stopped)
