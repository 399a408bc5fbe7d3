"""What a run will take, before it starts: memory by counting tensors, time by measuring this machine for a moment."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from buqi.config import Config
from buqi.engine.packs import make_pack, packs
from buqi.errors import BuqiError
from buqi.files import read_json
from buqi.machine import gpu
from buqi.shapes import shapes_of
from buqi.tune.adapter import lora_config
from buqi.tune.memory import BYTES, LOGIT_BYTES, gpu_positions, product_positions, token_bytes, tokens_at_once
from buqi.tune.plan import Plan

# What config.json must say.
SIZES = ("vocab_size", "hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads")
LOGITS_KEPT = 2  # through PEFT: logits and their gradient
QUANTIZED_BYTES = {"nf4": 0.6, "fp4": 0.6, "weight_only_int8": 1.0}  # of a number of the base, its scales included
RUNTIME_BYTES = 0.5e9  # Python, torch, transformers
PRODUCT = (384, 896, 4864)  # rows, in, out of the product that the rate is measured with
PRODUCT_GPU = (8192, 8192, 8192)
# The share of that rate that a training step reaches, by way and precision: docs/background/log.md. The GPU was one
# H100 in bf16.
SHARES = {"peft": {"fp32": 0.6, "bf16": 0.2, "fp16": 0.2}, "fused": {"fp32": 0.66, "bf16": 0.75, "fp16": 0.2}}
# What is computed around the products takes as long as products at this rate (operations a second). It counts where
# units for bf16 make products fast: 412e9 with AVX512-BF16, 1,400e9 with AMX.
AROUND_PRODUCTS = 500e9
SHARE_OF_GPU = {"peft": 0.04, "fused": 0.2}
PackedWay = Literal["fused", "peft"]  # how packs are computed; see buqi.tune.step_loss


@dataclass(frozen=True)
class Estimate:
    """Peak memory in GB (10^9 bytes), of the GPU if there is one, and seconds of training without evaluations."""

    memory_gb: float
    seconds: float


def estimate(plan: Plan, rate: float | None = None) -> Estimate:
    """Return what training ``plan`` will take, by the rows of its first step.

    Args:
        rate: floating-point operations a second of a matrix product; measured (0.3 s) if not given.
    """
    shape, config = read_json(plan.base / "config.json"), plan.config
    if missing := [key for key in SIZES if not isinstance(shape.get(key), int)]:
        kind = shape.get("model_type")
        raise BuqiError(f"{plan.base}: config.json has no {missing[0]}; a {kind} is not trained, a Qwen2 or Llama is")
    way: PackedWay = "fused" if fusible(config, shape) else "peft"
    rows = plan.encoded["train"][: config.rows_per_step]
    step = [make_pack([rows[i] for i in group]) for group in packs(rows, tokens_at_once(config, shape, way == "fused"))]
    linear, vocabulary = _linear_size(shape), shape["vocab_size"] * shape["hidden_size"]
    trained = _lora_size(config, plan.base) if config.lora else linear + vocabulary
    tokens, targets = [pack.input_ids.shape[1] for pack in step], [len(pack.targets) for pack in step]
    number = BYTES[config.precision] if config.dtype != "float32" else BYTES["fp32"]
    memory = (
        linear * QUANTIZED_BYTES.get(config.weight_quantize_algo or "", number)
        + vocabulary * number
        + trained * (4 if config.lora else 3) * BYTES["fp32"]  # gradient, two moments of AdamW, LoRA's own weights
        + max(tokens) * token_bytes(config, shape, way == "fused")
        + _logit_bytes(max(targets), shape["vocab_size"], config, way)
    )
    memory = max(memory, (linear + vocabulary + trained) * BYTES["fp32"])  # while packs are checked, in fp32
    # forward and backward; the forward again with recompute; without LoRA the gradient of the base's weights too
    passes = 2.0 + config.recompute + (not config.lora)
    work = 2.0 * passes * (sum(tokens) * linear + sum(targets) * vocabulary)
    rate = rate or product_rate(config.precision)
    seconds = plan.total_steps * work / (_share(way, config.precision, rate) * rate)
    return Estimate((memory + (0 if gpu() else RUNTIME_BYTES)) / 1e9, seconds)


def _share(way: PackedWay, precision: str, rate: float) -> float:
    """Return the share of the ``rate`` of products (operations a second) that a training step reaches."""
    if gpu():
        return SHARE_OF_GPU[way]
    share = SHARES[way][precision]
    return 1 / (1 / share + rate / AROUND_PRODUCTS) if (way, precision) == ("fused", "bf16") else share


def _linear_size(shape: dict[str, Any]) -> int:
    """Return how many numbers the linear layers of a model have, of its ``config.json``."""
    hidden, heads = shape["hidden_size"], shape["num_attention_heads"]
    groups = shape.get("num_key_value_heads") or heads
    layer = hidden * (2 * hidden + 2 * hidden * groups // heads + 3 * shape["intermediate_size"])
    return int(shape["num_hidden_layers"] * layer)


def _logit_bytes(targets: int, vocabulary: int, config: Config, way: PackedWay) -> float:
    """Return the bytes of a pack's logits and of what is computed from them; it has so many ``targets``."""
    if way == "peft":
        return targets * vocabulary * LOGITS_KEPT * BYTES[config.precision]
    if gpu():
        return min(targets, gpu_positions(vocabulary)) * vocabulary * LOGIT_BYTES
    return min(targets, product_positions(vocabulary)) * vocabulary * BYTES[config.precision]


def fusible(config: Config, shape: dict[str, Any]) -> bool:
    """Return whether the fused way will compute this run, as far as that is known before the model is loaded."""
    special = not config.lora or config.dora or config.lora_dropout or config.weight_quantize_algo
    return not special and shape.get("model_type") == "qwen2"


def _lora_size(config: Config, base: Path) -> int:
    """Return how many numbers the adapter will have: the rank times inputs plus outputs of each adapted layer."""
    from peft.tuners.tuners_utils import check_target_module_exists
    from peft.utils.other import get_pattern_key

    lora, size = lora_config(config), 0
    for name, shape in shapes_of(base).items():
        layer = name.removesuffix(".weight")
        if len(shape) == 2 and check_target_module_exists(lora, layer):
            size += lora.rank_pattern.get(get_pattern_key(lora.rank_pattern, layer), lora.r) * sum(shape)
    return size


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
