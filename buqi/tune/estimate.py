"""What a run will take, before it starts: memory by counting what is kept, time by measuring this machine briefly."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from buqi.config import Config
from buqi.engine.packs import make_pack, packs
from buqi.files import read_json
from buqi.machine import gpu
from buqi.shapes import shapes_of
from buqi.tune.adapter import lora_config
from buqi.tune.memory import BYTES, LOGIT_BYTES, gpu_positions, product_positions, token_bytes, tokens_at_once
from buqi.tune.plan import Plan

LOGITS_KEPT = 2  # logits and their gradient, through PEFT
RUNTIME_BYTES = 0.5e9  # Python, torch, transformers
PRODUCT = (384, 896, 4864)  # rows, in, out of the product that the rate is measured with
PRODUCT_GPU = (8192, 8192, 8192)
# What a training step reaches of that rate, by precision, through PEFT and fused: docs/background/log.md. On a GPU it
# was one H100 in bf16.
SHARES = {"peft": {"fp32": 0.6, "bf16": 0.2, "fp16": 0.2}, "fused": {"fp32": 0.66, "bf16": 0.27, "fp16": 0.2}}
SHARE_OF_GPU = {"peft": 0.04, "fused": 0.2}


@dataclass(frozen=True)
class Estimate:
    """Peak memory in GB (10^9 bytes), of the GPU where one trains, and seconds of training without evaluations."""

    memory_gb: float
    seconds: float


def estimate(plan: Plan, rate: float | None = None) -> Estimate:
    """Return what training ``plan`` will take.

    ``rate``: floating-point operations a second of a matrix product; measured (0.3 s) if not given.
    """
    shape, config = read_json(plan.base / "config.json"), plan.config
    hidden, wide, layers = shape["hidden_size"], shape["intermediate_size"], shape["num_hidden_layers"]
    heads, groups = shape["num_attention_heads"], shape.get("num_key_value_heads", shape["num_attention_heads"])
    layer = hidden * (2 * hidden + 2 * hidden * groups // heads + 3 * wide)
    vocabulary = shape["vocab_size"] * hidden
    way: Literal["fused", "peft"] = "fused" if fusible(config, shape) else "peft"
    budget = tokens_at_once(config, shape, way == "fused")
    rows = plan.encoded["train"][: config.rows_per_step]
    made = [make_pack([rows[i] for i in group]) for group in packs(rows, budget)]
    trained = layers * layer + vocabulary if not config.lora else _lora_size(config, plan.base)
    held = BYTES[config.precision] if config.dtype != "float32" else BYTES["fp32"]
    width = 0.6 if config.weight_quantize_algo in ("nf4", "fp4") else 1.0 if config.weight_quantize_algo else held
    memory = (
        layers * layer * width
        + vocabulary * held
        + trained * (3 if not config.lora else 4) * BYTES["fp32"]
        + max(pack.input_ids.shape[1] for pack in made) * token_bytes(config, shape, way == "fused")
        + _logits(max(len(pack.targets) for pack in made), shape["vocab_size"], config, way)
    )
    memory = max(memory, (layers * layer + vocabulary + trained) * BYTES["fp32"])  # while packs are checked, in fp32
    passes = 2.0 + (1.0 if config.recompute else 0.0) + (1.0 if not config.lora else 0.0)
    tokens, targets = sum(p.input_ids.shape[1] for p in made), sum(len(p.targets) for p in made)
    work = 2.0 * passes * (tokens * layers * layer + targets * vocabulary)
    share = SHARE_OF_GPU[way] if gpu() else SHARES[way][config.precision]
    seconds = plan.total_steps * work / (share * (rate or product_rate(config.precision)))
    return Estimate((memory + (0 if gpu() else RUNTIME_BYTES)) / 1e9, seconds)


def _logits(most: int, vocabulary: int, config: Config, way: str) -> float:
    """Return the bytes of logits and of what is made of them, ``most`` trained positions in a pack."""
    if way == "peft":
        return most * vocabulary * LOGITS_KEPT * BYTES[config.precision]
    if gpu():
        return min(most, gpu_positions(vocabulary)) * vocabulary * LOGIT_BYTES
    return min(most, product_positions(vocabulary)) * vocabulary * BYTES[config.precision]


def fusible(config: Config, shape: dict[str, Any]) -> bool:
    """Return whether the fused way will compute this run, as far as that is known before the model is there."""
    special = not config.lora or config.dora or config.lora_dropout or config.weight_quantize_algo
    return not special and shape.get("model_type") == "qwen2"


def _lora_size(config: Config, base: Path) -> int:
    """Return how many numbers the adapter will have: rank times width and height of each layer that PEFT puts it on."""
    from peft.tuners.tuners_utils import check_target_module_exists
    from peft.utils.other import get_pattern_key

    lora, found = lora_config(config), 0
    for name, shape in shapes_of(base).items():
        layer = name.removesuffix(".weight")
        if len(shape) == 2 and check_target_module_exists(lora, layer):
            found += lora.rank_pattern.get(get_pattern_key(lora.rank_pattern, layer), lora.r) * sum(shape)
    return found


def product_rate(precision: str = "fp32") -> float:
    """Return floating-point operations a second of a product of the model's size, measured for about 0.3 s."""
    import torch

    from buqi.tune.step_loss import DTYPES

    rows, inner, outer = PRODUCT_GPU if gpu() else PRODUCT
    device = "cuda" if gpu() else "cpu"
    left, right = (torch.randn(size, device=device).to(DTYPES[precision]) for size in ((rows, inner), (inner, outer)))
    wait: Callable[[], Any] = torch.cuda.synchronize if gpu() else (lambda: None)
    work, done = 2.0 * rows * inner * outer, 0
    left @ right
    wait()
    started = time.perf_counter()
    while (spent := time.perf_counter() - started) < 0.3:
        left @ right
        wait()
        done += 1
    return work * done / spent
