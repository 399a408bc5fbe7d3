"""What a run will take, before it starts: memory by counting what is kept, time by measuring this machine briefly."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from buqi.config import Config
from buqi.engine.packs import make_pack, packs
from buqi.files import read_json
from buqi.shapes import shapes_of
from buqi.tune.adapter import lora_config
from buqi.tune.plan import Plan

BYTES_FP32, BYTES_BF16 = 4, 2  # bytes
# Tensors that autograd keeps of a token in a layer, in widths: norms, queries, keys, values, attention, residuals
# (hidden), gate, up, product, activation (intermediate). Counted from the model's code, fp32.
HIDDEN_KEPT, WIDE_KEPT = 14, 6
LOGITS_KEPT = 2  # logits and their gradient
RUNTIME_BYTES = 0.5e9  # Python, torch, transformers
# What a training step reaches of the plain matrix product's rate, in fp32 and bf16: docs/background/log.md.
SHARE_OF_PEAK, SHARE_IN_HALF = 0.6, 0.2


@dataclass(frozen=True)
class Estimate:
    """Peak memory in GB (10^9 bytes) and seconds of training, evaluations not counted."""

    memory_gb: float
    seconds: float


def estimate(plan: Plan, rate: float | None = None) -> Estimate:
    """Return what training ``plan`` will take.

    Args:
        plan: a checked plan.
        rate: floating-point operations a second of a matrix product; measured (0.3 s) if not given.
    """
    shape = read_json(plan.base / "config.json")
    hidden, wide, layers = shape["hidden_size"], shape["intermediate_size"], shape["num_hidden_layers"]
    vocabulary = shape["vocab_size"]
    heads, groups = shape["num_attention_heads"], shape.get("num_key_value_heads", shape["num_attention_heads"])
    layer = hidden * (2 * hidden + 2 * hidden * groups // heads + 3 * wide)
    config = plan.config
    rows = plan.encoded["train"][: config.rows_per_step]
    made = [make_pack([rows[i] for i in group]) for group in packs(rows, config.budget)]
    tokens = sum(pack.input_ids.shape[1] for pack in made)
    targets = sum(len(pack.targets) for pack in made)
    trained = layers * layer + vocabulary * hidden if not config.lora else _lora_size(config, plan.base)
    held = BYTES_BF16 if config.dtype == "bfloat16" else BYTES_FP32
    width = 0.6 if config.weight_quantize_algo in ("nf4", "fp4") else 1.0 if config.weight_quantize_algo else held
    number = BYTES_BF16 if config.half else BYTES_FP32
    kept = 1 if config.recompute else layers
    largest = max(pack.input_ids.shape[1] for pack in made)
    most = max(len(pack.targets) for pack in made)
    memory = (
        RUNTIME_BYTES
        + layers * layer * width
        + vocabulary * hidden * held
        + trained * (3 if not config.lora else 4) * BYTES_FP32
        + largest * kept * (HIDDEN_KEPT * hidden + WIDE_KEPT * wide) * BYTES_FP32
        + most * vocabulary * LOGITS_KEPT * number
    )
    passes = 2.0 + (1.0 if config.recompute else 0.0) + (1.0 if not config.lora else 0.0)
    work = 2.0 * passes * (tokens * layers * layer + targets * vocabulary * hidden)
    share = SHARE_IN_HALF if config.half else SHARE_OF_PEAK
    return Estimate(memory / 1e9, plan.total_steps * work / (share * (rate or product_rate(config.half))))


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


def product_rate(half: bool = False) -> float:
    """Return floating-point operations a second of a product of the model's size, measured for about 0.3 s."""
    import torch

    left, right = torch.randn(384, 896), torch.randn(896, 4864)
    if half:
        left, right = left.bfloat16(), right.bfloat16()
    work, done = 2.0 * 384 * 896 * 4864, 0
    left @ right
    started = time.perf_counter()
    while (spent := time.perf_counter() - started) < 0.3:
        left @ right
        done += 1
    return work * done / spent
