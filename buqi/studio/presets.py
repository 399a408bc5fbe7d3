"""Presets: how long a beginner wants to wait becomes a configuration that fits the rows and the machine."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from buqi.config import Config, make_config
from buqi.studio.libraries import import_libraries

ROWS_PER_STEP = 16
LEAST_STEPS = 20
SAVE_SECONDS = 600  # most training between two checkpoints: what a killed run loses


@dataclass(frozen=True)
class Preset:
    """What is asked for.

    Attributes:
        seconds: of training.
        epochs: most passes over the rows.
        learning_rate: higher for a short run, which learns little at the tutorial's rate of 3e-4.
        evaluations: in the run.
    """

    seconds: float
    epochs: int
    rank: int
    learning_rate: float
    evaluations: int


PRESETS = {
    "quick": Preset(120, 1, 8, 1e-3, 2),
    "coffee": Preset(900, 3, 8, 5e-4, 4),
    "overnight": Preset(8 * 3600, 10, 16, 3e-4, 10),
}


@dataclass(frozen=True)
class Offer:
    """A preset for these rows on this machine.

    Attributes:
        keys: of the configuration.
        seconds: expected for the training, without evaluations.
        memory_gb: expected, in 10^9 bytes.
    """

    keys: dict[str, Any]
    steps: int
    seconds: float
    memory_gb: float


def offers(data: Path, base: str, prompt: str | None = None) -> dict[str, Offer]:
    """Return what each preset is for the rows of a folder.

    Raises:
        UsageError: the rows cannot be trained with this base.
        BuqiError: the base cannot be had.
    """
    import_libraries()
    from buqi.tune.estimate import estimate, product_rate
    from buqi.tune.plan import make_plan

    rate = product_rate()
    asked = {"model_name_or_path": base, "dataset_name_or_path": str(data), "output_dir": "."}
    if prompt is not None:
        asked["prompt_template"] = prompt
    plan = make_plan(make_config(asked | config_keys(PRESETS["quick"], 1)))
    found = {}
    for name, preset in PRESETS.items():
        one_step = replace(plan, config=_configured(plan.config, config_keys(preset, 1)))
        step_seconds = estimate(one_step, rate).seconds
        steps = min(int(preset.seconds / max(step_seconds, 1e-6)), one_step.steps_per_epoch * preset.epochs)
        steps = max(LEAST_STEPS, steps)
        keys = config_keys(preset, steps, step_seconds)
        expected = estimate(replace(plan, config=_configured(plan.config, keys)), rate)
        found[name] = Offer(keys, steps, expected.seconds, expected.memory_gb)
    return found


def config_keys(preset: Preset, steps: int, seconds_per_step: float = 1.0) -> dict[str, Any]:
    """Return the configuration's keys of a preset that trains a number of steps."""
    by_evaluations, by_seconds = math.ceil(steps / preset.evaluations), int(SAVE_SECONDS / max(seconds_per_step, 1e-6))
    every = max(1, min(by_evaluations, by_seconds))  # steps between two evaluations, each with a checkpoint
    best = preset.evaluations > 2
    return {
        "do_train": True, "do_eval": True, "lora": True, "lora_rank": preset.rank,
        "per_device_train_batch_size": ROWS_PER_STEP, "max_steps": steps,
        "learning_rate": preset.learning_rate, "lr_scheduler_type": "cosine", "warmup_steps": max(1, steps // 20),
        "evaluation_strategy": "steps", "eval_steps": every, "save_strategy": "steps", "save_steps": every,
        "save_total_limit": 1, "load_best_model_at_end": best, "eval_with_do_generation": best,
        "exact_match_rows": 32, "logging_steps": 1, "report_to": "none",
    }  # fmt: skip


def _configured(config: Config, changes: dict[str, Any]) -> Config:
    return make_config(config.model_dump(exclude_defaults=True) | changes)
