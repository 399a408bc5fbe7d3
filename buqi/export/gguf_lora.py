"""A LoRA adapter as a ``.gguf`` file, so that llama.cpp switches adapters on one base."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np

from buqi.artefact import WEIGHTS, check_weights
from buqi.errors import BuqiError
from buqi.export.gguf_writer import TASK_KEY, gguf_name
from buqi.task import FILE as TASK_FILE

NAME = re.compile(r"base_model\.model\.(model\.layers\.\d+\.[a-z_.]+)\.lora_([AB])\.weight")


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
            match = NAME.fullmatch(name)
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
