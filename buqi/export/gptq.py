"""Rounding to 4 bits that changes outputs least on real prompts: GPTQ (Frantar et al. 2023), in Q4_1 blocks.

Columns are rounded one after the other. The error of each is compensated in the columns that follow, by the correlation
of their inputs (X·Xᵀ over calibration prompts). A block of 32 inputs shares a scale and a smallest value, as in Q4_1.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from buqi.task import Encoded

if TYPE_CHECKING:
    import torch

QUANT_BLOCK = 32  # numbers that share a scale, in Q4_1 and Q8_0
LEVELS = 15
PANEL = 128  # columns whose errors are carried over together
DAMPING = 0.01  # share of the mean diagonal that is added, so that the matrix can be inverted
RANGE_SHRINKS = (1.0, 0.95, 0.9, 0.85, 0.8)  # a smaller range may round most values better
# Layers with the same input share one matrix, which has the name of the first.
SAME_INPUT = {"k_proj": "q_proj", "v_proj": "q_proj", "up_proj": "gate_proj"}


def calibrate(
    model: Any, rows: Sequence[Encoded], progress: Callable[[int, int], None] = lambda *_: None
) -> dict[str, torch.Tensor]:
    """Return X·Xᵀ, (inputs, inputs), of each linear layer's inputs over whole rows (prompt and answer), by its name."""
    import torch

    sums: dict[str, torch.Tensor] = {}
    hooks = []

    def watch(name: str, module: Any) -> None:
        size = module.in_features
        sums[name] = torch.zeros(size, size)

        def add(_: Any, inputs: tuple[torch.Tensor, ...]) -> None:
            x = inputs[0].reshape(-1, size).float().cpu()
            sums[name].addmm_(x.T, x)

        hooks.append(module.register_forward_pre_hook(add))

    for name, module in model.named_modules():
        last = name.rpartition(".")[2]
        if isinstance(module, torch.nn.Linear) and name != "lm_head" and last not in SAME_INPUT:
            watch(name, module)
    with torch.inference_mode():
        for number, row in enumerate(rows, 1):
            model(torch.tensor([row.ids], device=model.device), logits_to_keep=1, use_cache=False)
            progress(number, len(rows))
    for hook in hooks:
        hook.remove()
    return sums


def inputs_of(name: str, sums: Mapping[str, torch.Tensor]) -> torch.Tensor | None:
    """Return the matrix of the layer whose weight is called ``name``; ``None`` if it was not watched."""
    layer, _, last = name.removesuffix(".weight").rpartition(".")
    return sums.get(f"{layer}.{SAME_INPUT.get(last, last)}")


def round_q4_1(weight: NDArray[np.float32], inputs: torch.Tensor) -> NDArray[np.uint8]:
    """Return a layer's weight, (outputs, inputs), as Q4_1 bytes, (outputs, inputs / 32 · 20)."""
    import torch

    w = torch.from_numpy(weight).clone()
    rows, columns = w.shape
    upper = _inverse_factor(inputs)
    codes = torch.zeros(rows, columns, dtype=torch.uint8)
    scales = torch.zeros(rows, columns // QUANT_BLOCK, dtype=torch.float16)
    least = torch.zeros_like(scales)
    for start in range(0, columns, PANEL):
        end = min(start + PANEL, columns)
        errors = torch.zeros(rows, end - start)
        for at in range(start, end):
            if at % QUANT_BLOCK == 0:
                block = at // QUANT_BLOCK
                scales[:, block], least[:, block] = _range(w[:, at : at + QUANT_BLOCK])
                scale, low = scales[:, block].float(), least[:, block].float()
                safe = torch.where(scale == 0, torch.ones_like(scale), scale)
            column = w[:, at]
            code = ((column - low) / safe).round_().clamp_(0, LEVELS)
            codes[:, at] = code.to(torch.uint8)
            error = (column - (code * scale + low)) / upper[at, at]
            errors[:, at - start] = error
            w[:, at + 1 : end] -= error[:, None] * upper[at, at + 1 : end]
        w[:, end:] -= errors @ upper[start:end, end:]
    return _packed(codes.numpy(), scales.numpy(), least.numpy())


def _inverse_factor(inputs: torch.Tensor) -> torch.Tensor:
    """Return the upper Cholesky factor of the inverse, by which errors are compensated in later columns."""
    import torch

    damped = inputs.clone()
    diagonal = damped.diagonal()
    diagonal[diagonal == 0] = 1.0
    share = DAMPING
    while True:
        tried = damped.clone()
        tried.diagonal().add_(share * float(diagonal.mean()))
        factor, failed = torch.linalg.cholesky_ex(tried)
        if not int(failed):
            break
        share *= 10
    upper: torch.Tensor = torch.linalg.cholesky(torch.cholesky_inverse(factor), upper=True)
    return upper


def _range(block: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Return scale and smallest value of each row's block in their stored type, by the best of `RANGE_SHRINKS`."""
    import torch

    low, high = block.amin(1), block.amax(1)
    middle, half = (low + high) / 2, (high - low) / 2
    best = torch.full_like(low, float("inf"))
    found = (torch.zeros_like(low, dtype=torch.float16), low.half())
    for shrink in RANGE_SHRINKS:
        least = (middle - shrink * half).half()
        scale = (2 * shrink * half / LEVELS).half()
        s, m = scale.float()[:, None], least.float()[:, None]
        codes = ((block - m) / torch.where(s == 0, torch.ones_like(s), s)).round_().clamp_(0, LEVELS)
        error = (block - codes * s - m).square().sum(1)
        better = error < best
        best = torch.where(better, error, best)
        found = (torch.where(better, scale, found[0]), torch.where(better, least, found[1]))
    return found


def _packed(codes: NDArray[np.uint8], scales: NDArray[np.float16], least: NDArray[np.float16]) -> NDArray[np.uint8]:
    """Return llama.cpp's blocks: scale, smallest value, then 16 bytes that hold codes j and j + 16."""
    rows, columns = codes.shape
    blocks = codes.reshape(rows, columns // QUANT_BLOCK, QUANT_BLOCK)
    nibbles = blocks[..., :16] | (blocks[..., 16:] << 4)
    heads = np.stack([scales, least], axis=-1).astype("<f2").view(np.uint8)
    return np.concatenate([heads, nibbles], axis=-1).reshape(rows, -1)
