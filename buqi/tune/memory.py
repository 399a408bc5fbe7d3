"""How much memory the tokens of a pack take, and how many of them a device holds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from buqi.config import Config
from buqi.machine import gpu
from buqi.task import Encoded

# Numbers that are kept of a token in a layer, in widths of the model and of its gated part. Fused: the inputs of both
# halves, queries with keys and values, what attention gave; gate and up. Through PEFT: norms, queries, keys, values,
# attention, residuals; gate, up, product, activation. Counted from the code.
FUSED_KEPT, PEFT_KEPT = (4.5, 2.0), (14.0, 6.0)
FUSED_WORK = (12.0, 8.0)  # in the same widths: of one layer, while its gradient is computed
SHARE_OF_CARD = 0.6  # of what is free on a GPU when packs are sized; the rest is for logits, gradients and waste
MOST_TOKENS = 65_536
SHARE_FOR_LOGITS = 0.125  # of what is free on a GPU when logits are computed
LOGIT_BYTES = 12  # of a logit on a GPU: itself, in 32 bits, its exponential
LOGITS_OF_CPU = 50e6  # logits that one product makes on a CPU
BYTES = {"fp32": 4, "bf16": 2, "fp16": 2}


def token_bytes(config: Config, shape: Any, fused: bool) -> float:
    """Return the bytes that are kept of one token of a pack until its gradient is computed.

    Args:
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


def tokens_at_once(config: Config, shape: Any, fused: bool) -> int:
    """Return the most tokens of a pack: as configured; else on a GPU by its free memory, on a CPU a fixed number."""
    if config.pack_tokens or not gpu():
        return config.budget
    fit = int(_free() * SHARE_OF_CARD / token_bytes(config, shape, fused))
    return max(config.budget, min(MOST_TOKENS, fit))


def needs_recompute(config: Config, shape: Any, rows: Sequence[Encoded]) -> bool:
    """Return whether the fused way computes activations twice: as configured, but not if a step fits a GPU's memory.

    Args:
        shape: as for `token_bytes`.
        rows: of a step.
    """
    if not config.recompute or not gpu():
        return config.recompute
    plain = config.model_copy(update={"recompute": False})
    needed = sum(len(row.ids) for row in rows) * token_bytes(plain, shape, True)
    return needed > _free() * SHARE_OF_CARD


def product_positions(vocabulary: int) -> int:
    """Return for how many positions the fused way makes logits at once on a CPU: enough for its units, at least 64."""
    return max(64, int(LOGITS_OF_CPU / vocabulary))


def gpu_positions(vocabulary: int) -> int:
    """Return the same for a GPU: as many as fit a share of its free memory."""
    return max(64, int(_free() * SHARE_FOR_LOGITS / vocabulary / LOGIT_BYTES))


def _free() -> int:
    """Return the bytes that a GPU has for this process: free, or held by torch and unused."""
    import torch

    unused = torch.cuda.memory_reserved() - torch.cuda.memory_allocated()
    return int(torch.cuda.mem_get_info()[0]) + unused
