"""What a contestant said about one row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

NAMED_LEVELS = ("province", "city", "county", "town", "village")


@dataclass(frozen=True)
class Prediction:
    """One answer.

    Attributes:
        text: the answer as a string.
        levels: names by level, from contestants that say them; ``None`` where they are read from the text.
        confidence: calibrated probability of being right, where the contestant gives one.
        stopped: whether a model ended the answer itself; ``None`` for contestants that are no models.
        failed: why there is no answer (a time-out, a broken reply).
        tokens: prompt and answer tokens that an endpoint counted.
    """

    text: str
    levels: dict[str, str] | None = None
    confidence: float | None = None
    stopped: bool | None = None
    failed: str = ""
    tokens: tuple[int, int] = (0, 0)

    @classmethod
    def from_json(cls, record: dict[str, Any]) -> Prediction:
        """Return an answer that was written as JSON, which has no tuples."""
        return cls(**record | {"tokens": tuple(record["tokens"])})
