"""PaddleNLP's configuration keys that buqi has no use for: why, and what to use instead.

``paddle.json`` holds them with their defaults in PaddleNLP 3.0.0b4 (ModelConfig, DataConfig, GenerateArgument,
ReftArgument, SFTConfig, LlmMetaConfig, TrainingArguments). Such a key is accepted at its default, where it says
nothing; any other value is refused.
"""

from __future__ import annotations

import json
from importlib import resources
from typing import Any

REASONS: list[dict[str, Any]] = json.loads(resources.files(__package__).joinpath("paddle.json").read_text("utf-8"))
WHY: dict[str, str] = {key: reason["instead"] for reason in REASONS for key in reason["keys"]}
DEFAULTS: dict[str, Any] = {key: default for reason in REASONS for key, default in reason["keys"].items()}


def says_nothing(key: str, value: Any) -> bool:
    """Whether a key of PaddleNLP stands at its default, written as JSON or as on a command line."""
    default = DEFAULTS[key]
    return value is None or value == default or str(value).lower() == str(default).lower()
