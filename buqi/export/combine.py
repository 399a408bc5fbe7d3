"""Several adapters of one base as one adapter: the weighted sum of what they change."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from buqi.artefact import WEIGHTS, attach_adapter, check_adapter, read_run, versions, write_run
from buqi.base import load_model, load_tokenizer
from buqi.errors import BuqiError, UsageError, explained
from buqi.files import whole_folder
from buqi.task import Task

# cat: ranks side by side, which is exactly the weighted sum. linear: A and B are summed separately, an approximation of
# the same rank.
COMBINATIONS = ("cat", "linear")


def combine(base: Path, adapters: Sequence[Path], weights: Sequence[float], way: str, target: Path) -> None:
    """Write one adapter that adds ``weights[0]`` times the first adapter's change, and so on.

    Raises:
        UsageError: another number of weights than adapters, one that is not finite, an unknown way, adapters of
            another base, or trained with different prompts.
        BuqiError: adapters that cannot be summed (DoRA; different ranks with ``linear``).
    """
    if way not in COMBINATIONS:
        raise UsageError(f"--combination {way}: expected one of {', '.join(COMBINATIONS)}")
    if len(weights) != len(adapters):
        raise UsageError(f"--weights: {len(weights)} numbers for {len(adapters)} adapters")
    if odd := [weight for weight in weights if not math.isfinite(weight)]:
        raise UsageError(f"--weights: {odd[0]} is no weight; expected numbers, e.g. 0.7,0.3")
    for adapter in adapters:
        check_adapter(adapter, base, whole=True)
    tokenizer = load_tokenizer(base)
    tasks = {task.fingerprint: task for adapter in adapters if (task := Task.load(adapter, tokenizer))}
    if len(tasks) > 1:
        raise UsageError("these adapters were trained with different prompts; a sum of them has none of its own")
    model = _with_sum(load_model(base, device="cpu"), adapters, weights, way)
    with whole_folder(target) as draft:
        model.save_pretrained(draft, selected_adapters=["sum"], save_embedding_layers=False)
        for path in (draft / "sum").iterdir():
            path.rename(draft / path.name)
        (draft / "sum").rmdir()
        if not (draft / WEIGHTS).is_file():
            raise BuqiError(f"{target}: no adapter was written")
        for task in tasks.values():
            task.save(draft, tokenizer)
        runs = [read_run(adapter) for adapter in adapters]
        record = {"base": runs[0].get("base", {}), "combined": way, "versions": versions()}
        parts = [
            {"folder": str(adapter), "identity": run.get("identity"), "weight": weight}
            for adapter, run, weight in zip(adapters, runs, weights, strict=True)
        ]
        write_run(draft, record | {"parts": parts})


def _with_sum(model: Any, adapters: Sequence[Path], weights: Sequence[float], way: str) -> Any:
    """Return a model with the adapters on it, and their weighted sum as ``sum``."""
    names = [f"a{i}" for i in range(len(adapters))]
    for name, adapter in zip(names, adapters, strict=True):
        model = attach_adapter(model, adapter, name)
    if any(config.use_dora for config in model.peft_config.values()):
        raise BuqiError("DoRA adapters cannot be summed; merge them one after the other")
    with explained(f"these adapters cannot be combined with {way}", ValueError):
        model.add_weighted_adapter(names, list(weights), "sum", combination_type=way)
    return model
