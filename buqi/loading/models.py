"""Opens the model and the adapter that a user names: an engine and the task it was trained for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from buqi.artefact import ADAPTER_CONFIG, check_adapter, check_is_adapter, read_run
from buqi.base import fingerprint, load_tokenizer, resolve
from buqi.engine.llama_engine import LlamaEngine, task_in
from buqi.engine.openvino_engine import OpenVinoEngine
from buqi.errors import BuqiError, UsageError
from buqi.loading.engines import pick, precision
from buqi.task import ADDRESS, Task

if TYPE_CHECKING:
    from buqi.engine import TorchEngine

TUNED = "tuned"
UNTUNED = "none"  # as the value of --adapter: the base without an adapter
SHIPPED = Path(__file__).parents[1] / "address" / "adapter"


@dataclass(frozen=True)
class OpenedModel:
    """A loaded engine and its task.

    Attributes:
        trained: whether the task came with the weights.
        why: why this engine was chosen.
    """

    engine: TorchEngine | LlamaEngine | OpenVinoEngine
    task: Task
    trained: bool
    why: str = ""


def adapter_for(model: str, named: Path | None) -> Path | None:
    """Return the adapter that writes answers with ``model``: the named one, else the shipped one if it is of this base.

    ``model`` is as `load` takes it; ``named`` an adapter folder, or `UNTUNED` for none at all.

    Raises:
        UsageError: no such model or adapter.
    """
    if named is not None:
        if str(named) == UNTUNED:
            return None
        check_is_adapter(named)
        return named
    if model.endswith(".gguf") or (Path(model) / ADAPTER_CONFIG).is_file() or not SHIPPED.is_dir():
        return None
    return SHIPPED if read_run(SHIPPED)["base"]["fingerprint"] == fingerprint(resolve(model)) else None


def load(model: str, adapter: Path | None, engine: str = "torch", many: bool = False) -> OpenedModel:
    """Load a base (or merged folder, or ``.gguf``) with at most one adapter, which answers as ``tuned``.

    Args:
        model: as `buqi.base.resolve` takes it.
        adapter: an adapter folder.
        engine: one of `buqi.loading.engines.ENGINES`. llama.cpp and OpenVINO run a folder as 8-bit GGUF, made once into
            the cache.
        many: whether many prompts will be asked at once; ``auto`` chooses by it.

    Raises:
        UsageError: no such model or adapter, or an adapter of another base.
        BuqiError: broken files, a task that this base cannot be asked, or an engine that is not installed.
    """
    from buqi.engine import TorchEngine

    if adapter is None and (Path(model) / ADAPTER_CONFIG).is_file():
        adapter, model = Path(model), base_of(Path(model))
    if adapter is not None:
        check_is_adapter(adapter)
    kind, why = pick(engine, model, many)
    opened: TorchEngine | LlamaEngine | OpenVinoEngine
    task = None
    if kind != "torch" and model.endswith(".gguf"):
        if adapter is not None:
            raise UsageError(f"{model}: an adapter needs its base's folder, of which an 8-bit file is made; name that")
        opened = LlamaEngine(Path(model)) if kind == "llamacpp" else OpenVinoEngine(Path(model))
    else:
        base = resolve(model)
        if adapter is not None:
            check_adapter(adapter, base)
        if kind == "llamacpp":
            opened = _in_llamacpp(base, adapter)
        elif kind == "openvino":
            opened = _in_openvino(base, adapter)
        else:
            dtype, fast = precision(engine, many)
            opened, why = TorchEngine(base, _named(adapter), dtype), f"{why}; {dtype}: {fast}"
        task = Task.load(adapter or base, opened.tokenizer)
    if task is None and model.endswith(".gguf"):
        task = task_in(Path(model))[0]
    return OpenedModel(opened, task or ADDRESS, task is not None, why)


def _named(adapter: Path | None) -> dict[str, Path] | None:
    return {TUNED: adapter} if adapter else None


def _in_llamacpp(base: Path, adapter: Path | None) -> LlamaEngine:
    """Return llama.cpp with 8-bit forms of a base and its adapter."""
    from buqi.loading.gguf_cache import gguf_of, lora_of

    try:
        return LlamaEngine(gguf_of(base), _named(lora_of(adapter) if adapter else None))
    except BuqiError as error:
        raise BuqiError(f"{error}; --engine torch does without llama.cpp") from error


def _in_openvino(base: Path, adapter: Path | None) -> OpenVinoEngine:
    """Return OpenVINO with 8-bit forms of a base, and of the base with its adapter merged into it."""
    from buqi.loading.gguf_cache import gguf_of, merged_of

    try:
        adapters = {TUNED: merged_of(base, adapter)} if adapter else None
        return OpenVinoEngine(gguf_of(base), adapters, tokenizer=load_tokenizer(base))
    except BuqiError as error:
        raise BuqiError(f"{error}; --engine torch does without OpenVINO") from error


def base_of(adapter: Path) -> str:
    """Return the base that an adapter's ``run.json`` names; a `UsageError` if it names none."""
    spec = read_run(adapter).get("base", {}).get("spec")
    if not spec:
        raise UsageError(f"{adapter} is an adapter that does not say its base: name it with --model")
    return str(spec)
