"""Linear layers with weights in the layout that the CPU multiplies fastest: bf16 for its matrix units, or 8 bits."""

from __future__ import annotations

import warnings
from typing import Any

import torch

from buqi.errors import UsageError
from buqi.machine import adds_in_32_bits, multiplies_int8

USUAL_ROWS = 64  # tokens of a step for which oneDNN chooses the layout
# Largest integers of a number in 8 bits. `HALF` is for tokens on CPUs without VNNI, which add two products in 16 bits.
HIGHEST, HALF = 127, 63
LEAST, TINY = 1e-9, 1e-12  # least divisors of a token and of a weight's scale: a row of zeros is divided by these


class LaidOutLinear(torch.nn.Linear):
    """A linear layer in bf16 whose weight is in oneDNN's layout; a plain one is brought into it at every product."""

    laid_out: torch.Tensor

    def forward(self, input: torch.Tensor) -> torch.Tensor:
        """Return the same product as the plain layer."""
        found: torch.Tensor = torch.ops.mkldnn._linear_pointwise(input, self.laid_out, self.bias, "none", [], "")
        return found


class Int8Linear(torch.nn.Linear):
    """A linear layer in fp32 that multiplies in 8 bits.

    A number is the sum of two parts of 8 bits: a coarse one, and a fine one for the rest. The product is coarse x
    coarse + coarse x fine + fine x coarse; fine x fine is too small to matter. Each part of the weight has a scale for
    each row. The layer that makes the logits has no fine part.

    torch takes one scale for all tokens of a step, but no answer may depend on the other tokens. So each token is
    divided by its largest number first, and a row of 1 and -1 (`edge`) behind the tokens keeps the scale the same.
    """

    coarse: Any
    fine: Any
    edge: torch.Tensor
    steps: int

    def forward(self, input: torch.Tensor) -> torch.Tensor:
        """Return the product; tokens are rounded to 15 bits (13 where products are added in 16), weights to 15."""
        highest = input.abs().amax(-1, keepdim=True).clamp_min_(LEAST)
        shares, step = (input / highest).flatten(0, -2), 2 / (2 * self.steps + 1)
        coarse, count = (shares / step).round_().clamp_(-self.steps, self.steps).mul_(step), len(shares)
        rows = torch.cat([(shares - coarse).mul_(2 / step), coarse, self.edge])
        found = self._product(rows, self.coarse)
        found = found[count:].add(found[:count], alpha=step / 2)
        if self.fine is not None:
            found.add_(self._product(rows[count:], self.fine))
        found = found.view(*input.shape[:-1], -1).mul_(highest)
        return found if self.bias is None else found.add_(self.bias)

    def _product(self, rows: torch.Tensor, weight: Any) -> torch.Tensor:
        """Return the products of the rows, without the last row (`edge`), with a part of the weight."""
        found: torch.Tensor = torch.ops.quantized.linear_dynamic(rows, weight, self.steps < HIGHEST)
        return found[:-1]


def has_layout() -> bool:
    """Whether oneDNN has a layout for bf16 on this CPU; it has none on CPUs without the units for it."""
    onednn: Any = torch.backends.mkldnn
    return bool(onednn.is_available() and onednn.enabled and torch.ops.mkldnn._is_mkldnn_bf16_supported())


def lay_out(model: Any) -> None:
    """Turn the linear layers of a bf16 model on a CPU into `LaidOutLinear`; their plain weights stay readable."""
    weight = next(model.parameters())
    if weight.device.type != "cpu" or weight.dtype != torch.bfloat16 or not has_layout():
        return
    for module in list(model.modules()):
        if type(module) is torch.nn.Linear:
            module.laid_out = torch.ops.mkldnn._reorder_linear_weight(module.weight.data, USUAL_ROWS)
            module.__class__ = LaidOutLinear


def round_to_int8(model: Any) -> None:
    """Turn the linear layers of an fp32 model on a CPU into `Int8Linear`; their plain weights stay readable.

    Raises:
        UsageError: torch cannot multiply in 8 bits here.
    """
    if not multiplies_int8() or next(model.parameters()).device.type != "cpu":
        raise UsageError("torch multiplies no 8 bits here; leave out --engine torch-int8")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch has newer ways, but none works in 8 bits on every CPU
        steps = HIGHEST if adds_in_32_bits() else HALF
        head = getattr(model, "lm_head", None)
        layers: list[Any] = [m for m in model.modules() if type(m) is torch.nn.Linear]
        for module in layers:
            weight = module.weight.data
            rounded = _rounded(weight)
            module.coarse = torch.ops.quantized.linear_prepack(rounded, None)
            module.fine = None
            if module is not head:
                rest = _rounded(weight - rounded.dequantize())
                module.fine = torch.ops.quantized.linear_prepack(rest, None)
            module.steps = steps
            module.edge = torch.zeros(1, weight.shape[1])
            module.edge[0, :2] = torch.tensor([1.0, -1.0])[: weight.shape[1]]
            module.__class__ = Int8Linear


def _rounded(weight: torch.Tensor) -> torch.Tensor:
    """Return a weight in 8 bits, with a scale for each row."""
    scale = (weight.abs().amax(1) / HIGHEST).clamp_min(TINY).double()
    return torch.quantize_per_channel(weight, scale, torch.zeros(len(scale), dtype=torch.long), 0, torch.qint8)
