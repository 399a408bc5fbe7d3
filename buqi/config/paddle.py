"""PaddleNLP's configuration keys that buqi has no use for: why, and what to use instead.

``paddle.json`` holds them with their defaults in PaddleNLP 3.0.0b4 (ModelConfig, DataConfig, GenerateArgument,
ReftArgument, SFTConfig, LlmMetaConfig, TrainingArguments). Such a key is accepted at its default, where it says
nothing (``also``: other words for it); any other value is refused.
"""

from __future__ import annotations

import json
from importlib import resources
from typing import Any

REASONS: list[dict[str, Any]] = json.loads(resources.files(__package__).joinpath("paddle.json").read_text("utf-8"))
WHY: dict[str, str] = {key: reason["instead"] for reason in REASONS for key in reason["keys"]}
DEFAULTS: dict[str, Any] = {key: default for reason in REASONS for key, default in reason["keys"].items()}
ALSO: dict[str, Any] = {key: values for reason in REASONS for key, values in reason.get("also", {}).items()}


def is_default(key: str, value: Any) -> bool:
    """Return whether a key has its default or a value that means the same, written as JSON or on a command line."""
    default = DEFAULTS[key]
    alike = [str(known).lower() for known in (default, *ALSO.get(key, ()))]
    return value is None or value == default or str(value).lower() in alike
