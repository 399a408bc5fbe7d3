"""Linear layers whose weights lie as the CPU's units read them: in bf16 for matrix units, or in 8 bits."""

from __future__ import annotations

import warnings
from typing import Any

import torch

from buqi.errors import UsageError
from buqi.machine import adds_in_32_bits, multiplies_int8

USUAL_ROWS = 64  # tokens of a step that the layout is chosen for
HIGHEST, HALF = 127, 63  # of a weight in 8 bits; without VNNI two products are added in 16 bits, which holds half
LEAST = 1e-9  # a row of zeros is divided by this


class LaidOutLinear(torch.nn.Linear):
    """A linear layer in bf16 whose weight was laid out once for oneDNN, which else does so at every product."""

    laid_out: torch.Tensor

    def forward(self, input: torch.Tensor) -> torch.Tensor:
        """Return the same product as the plain layer."""
        found: torch.Tensor = torch.ops.mkldnn._linear_pointwise(input, self.laid_out, self.bias, "none", [], "")
        return found


class Int8Linear(torch.nn.Linear):
    """A linear layer in fp32 that multiplies in 8 bits: a scale for each row of the weight, one for each token.

    torch takes one scale for all tokens of a step. Each token is divided by its largest value first, and a token of
    1 and -1 stands behind them, so that no answer depends on what is computed beside it.
    """

    packed: Any
    edge: torch.Tensor

    def forward(self, input: torch.Tensor) -> torch.Tensor:
        """Return the product, rounded."""
        highest = input.abs().amax(-1, keepdim=True).clamp_min_(LEAST)
        rows = torch.cat([(input / highest).flatten(0, -2), self.edge])
        found: torch.Tensor = torch.ops.quantized.linear_dynamic(rows, self.packed)[:-1]
        found = found.view(*input.shape[:-1], -1) * highest
        return found if self.bias is None else found + self.bias


def has_layout() -> bool:
    """Whether oneDNN has a layout for bf16 on this CPU; it refuses one without the units that it needs."""
    onednn: Any = torch.backends.mkldnn
    return bool(onednn.is_available() and onednn.enabled and torch.ops.mkldnn._is_mkldnn_bf16_supported())


def lay_out(model: Any) -> None:
    """Make the linear layers of a bf16 model on a CPU `LaidOutLinear`; their plain weights stay for who reads them."""
    weight = next(model.parameters())
    if weight.device.type != "cpu" or weight.dtype != torch.bfloat16 or not has_layout():
        return
    for module in list(model.modules()):
        if type(module) is torch.nn.Linear:
            module.laid_out = torch.ops.mkldnn._reorder_linear_weight(module.weight.data, USUAL_ROWS)
            module.__class__ = LaidOutLinear


def round_to_int8(model: Any) -> None:
    """Make the linear layers of an fp32 model on a CPU `Int8Linear`; their plain weights stay for who reads them.

    Raises:
        UsageError: torch cannot multiply in 8 bits here.
    """
    if not multiplies_int8() or next(model.parameters()).device.type != "cpu":
        raise UsageError("torch multiplies no 8 bits here; leave out --engine torch-int8")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch has newer ways, none of which multiplies in 8 bits on every CPU
        highest = HIGHEST if adds_in_32_bits() else HALF
        for module in [m for m in model.modules() if type(m) is torch.nn.Linear]:
            weight = module.weight.data
            scale = (weight.abs().amax(1) / highest).clamp_min(LEAST).double()
            middle = torch.zeros(len(scale), dtype=torch.long)
            rounded = torch.quantize_per_channel(weight, scale, middle, 0, torch.qint8)
            module.packed = torch.ops.quantized.linear_prepack(rounded, None)
            module.edge = torch.zeros(1, weight.shape[1])
            module.edge[0, :2] = torch.tensor([1.0, -1.0])[: weight.shape[1]]
            module.__class__ = Int8Linear
