"""A LoRA adapter as a ``.gguf`` file, so that llama.cpp switches adapters on one base; proven before it is kept."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from buqi.artefact import WEIGHTS, attach_adapter, check_adapter, check_weights
from buqi.base import load_model, load_tokenizer
from buqi.errors import BuqiError, UsageError
from buqi.export.gguf_writer import TASK_KEY, gguf_name
from buqi.export.parity import TOLERANCE, Parity, compare, prompt_logits
from buqi.files import whole_file
from buqi.task import FILE as TASK_FILE
from buqi.task import ROWS, Task

FACTOR_NAME = re.compile(r"base_model\.model\.(model\.layers\.\d+\.[a-z_.]+)\.lora_([AB])\.weight")


def export_lora(
    adapter: Path, base: Path, path: Path, overwrite: bool = False, say: Callable[[str], None] = lambda _: None
) -> tuple[int, Parity]:
    """Write an adapter as ``path``, with ``parity.json`` beside it; return how many layers it adapts, and the proof.

    What was written is read back, applied to the base by llama.cpp's formula, and must give the logits that PEFT gives.

    Raises:
        UsageError: an adapter of another base, or ``path`` exists.
        BuqiError: see `write_lora`; or the logits differ by more than 1e-3, then nothing is written.
    """
    if path.suffix != ".gguf":
        raise UsageError(f"--out {path}: the name must end in .gguf")
    if path.exists() and not overwrite:
        raise UsageError(f"{path} exists; name another --out, or add --overwrite")
    check_adapter(adapter, base)
    tokenizer = load_tokenizer(base)
    task = Task.load(adapter, tokenizer) or ROWS
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(path) as draft:
        say("writing")
        layers = write_lora(adapter, draft)
        say("reading what was written and comparing logits")
        before = prompt_logits(attach_adapter(load_model(base), adapter).eval(), tokenizer, task)
        after = prompt_logits(_applied(load_model(base), draft).eval(), tokenizer, task)
        parity = compare(before, after, TOLERANCE)
        if not parity.passed:
            raise BuqiError(
                f"the file's logits differ from the adapter's by up to {parity.largest_difference:.2g} (allowed "
                f"{TOLERANCE:g}), equal choices {parity.equal_choices:.2%}; {path} was not written"
            )
        with whole_file(path.with_suffix(".parity.json")) as record:
            record.write_text(json.dumps(parity.as_json() | {"file": path.name}, indent=2) + "\n", encoding="utf-8")
    return layers, parity


def _applied(model: Any, path: Path) -> Any:
    """Return a model with a GGUF LoRA's W + alpha/rank·BA, as llama.cpp computes it."""
    import torch
    from gguf import GGUFReader

    reader = GGUFReader(path)
    alpha = float(reader.fields["adapter.lora.alpha"].contents())
    factors = {t.name: torch.from_numpy(np.array(t.data.reshape(t.shape[::-1]))) for t in reader.tensors}
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if not name.startswith("model.layers.") or f"{gguf_name(name)}.lora_a" not in factors:
                continue
            a, b = (factors[f"{gguf_name(name)}.lora_{part}"] for part in "ab")
            weight += alpha / a.shape[0] * (b @ a)
    return model


def write_lora(adapter: Path, path: Path) -> int:
    """Write a PEFT LoRA adapter as ``path`` in F32 and return how many layers it adapts.

    llama.cpp multiplies B·A by alpha/rank with one alpha for all layers; each layer's own scale (rsLoRA, alpha and
    rank patterns) therefore goes into B, and alpha is 1.

    Raises:
        BuqiError: DoRA or tensors that are no LoRA factors of a Qwen2 layer, or weights that cannot be read.
    """
    from gguf import GGUFWriter
    from peft import PeftConfig
    from safetensors.numpy import load_file

    check_weights(adapter)
    config: Any = PeftConfig.from_pretrained(adapter)
    if config.use_dora:
        raise BuqiError(f"{adapter}: DoRA, which llama.cpp has not; merge it instead (buqi merge)")
    writer = GGUFWriter(path, "qwen2")
    try:
        writer.add_type("adapter")
        writer.add_string("adapter.type", "lora")
        writer.add_float32("adapter.lora.alpha", 1.0)
        writer.add_name(adapter.name)
        if (adapter / TASK_FILE).is_file():
            writer.add_string(TASK_KEY, (adapter / TASK_FILE).read_text(encoding="utf-8"))
        layers = set()
        for name, value in sorted(load_file(adapter / WEIGHTS).items()):
            match = FACTOR_NAME.fullmatch(name)
            if match is None:
                raise BuqiError(f"{adapter}: tensor {name} is no LoRA factor that llama.cpp knows; merge it instead")
            layers.add(match[1])
            if match[2] == "B":
                value = value * np.float32(_scale(config, match[1], value.shape[1]) * value.shape[1])
            target = f"{gguf_name(match[1] + '.weight')}.lora_{match[2].lower()}"
            writer.add_tensor(target, np.ascontiguousarray(value.astype(np.float32)))
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
    finally:
        writer.close()
    return len(layers)


def _scale(config: Any, layer: str, rank: int) -> float:
    """Return what PEFT multiplies a layer's B·A with."""
    alpha = float(config.lora_alpha)
    for pattern, other in (config.alpha_pattern or {}).items():
        if re.fullmatch(rf"(.*\.)?({pattern})", layer):
            alpha = float(other)
            break
    return float(alpha / np.sqrt(rank)) if config.use_rslora else alpha / rank
