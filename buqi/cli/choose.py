"""What ``--model``, ``--adapter`` and the names in ``--compare`` mean: an engine and the task it was trained for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from buqi.artefact import check_adapter
from buqi.base import resolve
from buqi.errors import UsageError
from buqi.task import ADDRESS, Task

if TYPE_CHECKING:
    from buqi.address.judge import Judge
    from buqi.engine import TorchEngine

TUNED = "tuned"


@dataclass(frozen=True)
class Chosen:
    """A loaded engine, its task, and whether that task came with the weights."""

    engine: TorchEngine
    task: Task
    trained: bool


def load(model: str, adapter: Path | None) -> Chosen:
    """Load a base (or merged folder) with at most one adapter, which answers as ``tuned``.

    Raises:
        UsageError: no such model or adapter, or an adapter of another base.
        BuqiError: broken files, or a task that this base cannot be asked.
    """
    from buqi.engine import TorchEngine

    if adapter is None and (Path(model) / "adapter_config.json").is_file():
        adapter, model = Path(model), _base_of(Path(model))
    base = resolve(model)
    if adapter is not None:
        check_adapter(adapter, base)
    engine = TorchEngine(base, {TUNED: adapter} if adapter else None)
    task = Task.load(adapter or base, engine.tokenizer)
    return Chosen(engine, task or ADDRESS, task is not None)


def judge_of(chosen: Chosen) -> Judge:
    """Return a loaded model as the judge of what names and memory leave open."""
    from buqi.address.choose import load_chooser
    from buqi.address.judge import Judge
    from buqi.engine import BASE

    engine = chosen.engine
    name = TUNED if engine.adapters else BASE
    return Judge(engine, engine.tokenizer, load_chooser().judge, name, chosen.task)


def _base_of(adapter: Path) -> str:
    from buqi.artefact import read_run

    spec = read_run(adapter).get("base", {}).get("spec")
    if not spec:
        raise UsageError(f"{adapter} is an adapter that does not say its base: name it with --model")
    return str(spec)
