"""The factors of a PEFT adapter, for programs that support only LoRA's A and B."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from buqi.artefact import WEIGHTS, check_modules_to_save, check_weights
from buqi.errors import BuqiError
from buqi.shapes import STEM

PEFT_STEM = f"{STEM}model."
PEFT_FACTOR = re.compile(rf"{re.escape(PEFT_STEM)}(layers\.\d+\.[a-z_.]+)\.lora_([AB])\.weight")


@dataclass(frozen=True)
class Factors:
    """LoRA's factors of one layer: A (rank, in) and B (out, rank). The layer's weight gets ``scale * B·A``."""

    a: NDArray[np.float32]
    b: NDArray[np.float32]
    scale: float

    @property
    def change(self) -> NDArray[np.float32]:
        """The change of the layer's weight, (out, in)."""
        added: NDArray[np.float32] = np.float32(self.scale) * (self.b @ self.a)
        return added


def read_factors(adapter: Path, program: str) -> tuple[Any, dict[str, Factors]]:
    """Return PEFT's configuration of an adapter and its factors by layer (``layers.0.self_attn.q_proj``).

    Raises:
        BuqiError: weights that cannot be read; or DoRA or tensors that are no LoRA factors of a Qwen2 layer, which
            ``program`` does not support.
    """
    from peft import PeftConfig
    from peft.utils.other import get_pattern_key
    from safetensors.torch import load_file  # NumPy has no bfloat16

    check_weights(adapter)
    check_modules_to_save(adapter, program)
    config: Any = PeftConfig.from_pretrained(adapter)
    if config.use_dora:
        raise BuqiError(f"{adapter}: DoRA, which {program} has not; merge it instead (buqi merge)")
    halves: dict[str, dict[str, Any]] = {}
    for name, value in sorted(load_file(adapter / WEIGHTS).items()):
        match = PEFT_FACTOR.fullmatch(name)
        if match is None:
            raise BuqiError(f"{adapter}: tensor {name} is no LoRA factor that {program} knows; merge it instead")
        halves.setdefault(match[1], {})[match[2]] = value.float().numpy()
    found = {}
    for layer, half in halves.items():
        if len(half) < 2:
            raise BuqiError(f"{adapter}: {layer} has only one of lora_A and lora_B")
        alphas, rank = config.alpha_pattern or {}, len(half["A"])
        alpha = float(alphas.get(get_pattern_key(alphas, f"model.{layer}"), config.lora_alpha))
        scale = float(alpha / np.sqrt(rank)) if config.use_rslora else alpha / rank
        found[layer] = Factors(half["A"], half["B"], scale)
    return config, found
