"""How much memory the tokens of a pack take, and how many of them fit a device."""

from __future__ import annotations

from typing import Any

import torch

from buqi.config import Config

# Numbers that are kept of a token in a layer, in widths of the model and of its gated part. Fused: the inputs of both
# halves, queries with keys and values, what attention gave; gate and up. Through PEFT: norms, queries, keys, values,
# attention, residuals; gate, up, product, activation. Counted from the code.
FUSED_KEPT, PEFT_KEPT = (4.5, 2.0), (14.0, 6.0)
FUSED_WORK = (12.0, 8.0)  # of one layer, while its gradient is made
SHARE_OF_CARD = 0.6  # of what is free on a GPU when packs are sized; the rest is for logits, gradients and waste
MOST_TOKENS = 65_536
BYTES = {"fp32": 4, "bf16": 2, "fp16": 2}


def token_bytes(config: Config, shape: Any, fused: bool) -> float:
    """Return the bytes that are kept of one token of a pack until its gradient is made.

    Args:
        config: of the run.
        shape: ``hidden_size``, ``intermediate_size`` and ``num_hidden_layers`` of the model.
        fused: whether the fused way computes it, else PEFT's.
    """
    kept = FUSED_KEPT if fused else PEFT_KEPT
    layers = 1 if config.recompute else shape["num_hidden_layers"]
    sizes = (shape["hidden_size"], shape["intermediate_size"])
    number = BYTES[config.precision] if fused else BYTES["fp32"]
    found: float = sum(width * size for width, size in zip(kept, sizes, strict=True)) * layers * number
    if config.recompute:
        found += shape["num_hidden_layers"] * sizes[0] * number
    return found + (sum(w * s for w, s in zip(FUSED_WORK, sizes, strict=True)) * number if fused else 0.0)


def pack_tokens(config: Config, model: Any, fused: bool = True) -> int:
    """Return the most tokens of a pack: as configured, else by the device: on a GPU as many as its memory takes."""
    device = next(model.parameters()).device
    if config.pack_tokens or device.type == "cpu":
        return config.budget
    return tokens_that_fit(config, model.config.to_dict(), fused, torch.cuda.mem_get_info(device)[0])


def tokens_that_fit(config: Config, shape: Any, fused: bool, free: int) -> int:
    """Return how many tokens ``free`` bytes of a GPU take, `Config.budget` at least."""
    fit = int(free * SHARE_OF_CARD / token_bytes(config, shape, fused))
    return max(config.budget, min(MOST_TOKENS, fit))
