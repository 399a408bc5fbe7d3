"""Writes a LoRA adapter as a ``.gguf`` file, with which llama.cpp switches adapters on one base, and proves it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from buqi.artefact import attach_adapter, check_adapter
from buqi.base import load_model, load_tokenizer
from buqi.export.factors import read_factors
from buqi.export.gguf_writer import add_task, check_gguf_target, gguf_file, gguf_name, sealed_file
from buqi.export.parity import TOLERANCE, Parity, compare, prompt_logits
from buqi.files import write_json
from buqi.task import ROWS, Task


def export_lora(
    adapter: Path, base: Path, path: Path, overwrite: bool = False, say: Callable[[str], None] = lambda _: None
) -> tuple[int, Parity]:
    """Write an adapter as ``path``, with its proof beside it. Return how many layers it adapts, and the proof.

    What was written is read back, applied to the base by llama.cpp's formula, and must give the logits that PEFT gives.

    Raises:
        UsageError: an adapter of another base, or ``path`` exists.
        BuqiError: see `write_lora`; or the logits differ by more than 1e-3, then nothing is written.
    """
    check_gguf_target(path, overwrite)
    check_adapter(adapter, base, whole=True)
    tokenizer = load_tokenizer(base)
    task = Task.load(adapter, tokenizer) or ROWS
    with sealed_file(path) as draft:
        say("writing")
        layers = write_lora(adapter, draft)
        say("reading what was written and comparing logits")
        before = prompt_logits(attach_adapter(load_model(base, device="cpu"), adapter).eval(), tokenizer, task)
        after = prompt_logits(_applied(load_model(base, device="cpu"), draft).eval(), tokenizer, task)
        parity = compare(before, after, TOLERANCE)
        parity.prove("the file answers otherwise than the adapter", path)
        write_json(path.with_suffix(".parity.json"), parity.as_json() | {"file": path.name})
    return layers, parity


def _applied(model: Any, path: Path) -> Any:
    """Return ``model`` with a GGUF LoRA added to its weights by llama.cpp's formula, W + alpha/rank·BA."""
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
    _, factors = read_factors(adapter, "llama.cpp")
    with gguf_file(path) as writer:
        writer.add_type("adapter")
        writer.add_string("adapter.type", "lora")
        writer.add_float32("adapter.lora.alpha", 1.0)
        writer.add_name(adapter.name)
        add_task(writer, adapter)
        for layer, found in factors.items():
            scaled = found.b * np.float32(found.scale * len(found.a))
            for part, values in (("a", found.a), ("b", scaled)):
                name = f"{gguf_name(f'model.{layer}.weight')}.lora_{part}"
                writer.add_tensor(name, np.ascontiguousarray(values.astype(np.float32)))
    return len(factors)
