"""Opens the model that options name: its engine, adapter and task."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from buqi.answering.options import VLLM, AnswerOptions
from buqi.errors import UsageError
from buqi.task import ADDRESS, TASK_FILE

if TYPE_CHECKING:
    from buqi.loading import OpenedModel


def open_model(options: AnswerOptions, many: bool = False) -> OpenedModel:
    """Return the engine, adapter and task that ``options`` name.

    Args:
        options: how texts are answered.
        many: whether the engine is chosen for many texts at once, not for single ones.

    Raises:
        UsageError: no such model, adapter or engine.
        BuqiError: it cannot be loaded.
    """
    from buqi.loading import adapter_for, load
    from buqi.loading.engines import ASKED, check_engine

    if options.engine == VLLM:
        raise UsageError(f"--engine {VLLM}: only with --ray")
    check_engine(options.engine)  # before the base, which may have to be fetched
    model = options.model_spec
    asks_adapter = options.mode == "generate" or options.adapter is not None
    adapter = adapter_for(model, options.adapter) if asks_adapter else None
    constrained = options.is_constrained and not model.endswith(".gguf") and asks_addresses(trained_folder(options))
    if (options.probabilities or constrained) and options.engine == "auto":
        opened = load(model, adapter, "torch", many)
        return replace(opened, why=opened.why.replace(ASKED, "only torch weighs answers", 1))
    return load(model, adapter, options.engine, many)


def trained_folder(options: AnswerOptions) -> Path:
    """Return the folder of the adapter, or of the model without one, that ``options`` name.

    Raises:
        UsageError: no such model.
    """
    from buqi.loading import adapter_for

    return adapter_for(options.model_spec, options.adapter) or Path(options.model_spec)


def asks_addresses(folder: Path) -> bool:
    """Whether the model or adapter in a folder is of the address task, or says no task."""
    from buqi.foreign import TaskFile, parsed

    return not (folder / TASK_FILE).is_file() or parsed(folder / TASK_FILE, TaskFile).name == ADDRESS.name
