"""Frozen linear layers through oneDNN, their weights packed once for the forward and once for the backward product.

torch's fp32 products on a CPU pack the weight anew at every call. A frozen weight never changes, so packing it once
pays (docs/benchmarks.md). The original is let go: two packed copies stay, one for ``x Wᵀ``, one for ``g W``.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import nn


class _Product(torch.autograd.Function):
    @staticmethod
    def forward(context: Any, x: torch.Tensor, layer: FrozenLinear) -> torch.Tensor:
        context.layer = layer
        return _linear(x, layer.ahead, layer.bias, layer.size)

    @staticmethod
    def backward(context: Any, *gradients: torch.Tensor) -> Any:
        layer = context.layer
        return _linear(gradients[0].contiguous(), layer.back, None, layer.size[::-1]), None


def _linear(x: torch.Tensor, packed: torch.Tensor, bias: torch.Tensor | None, size: tuple[int, int]) -> torch.Tensor:
    return torch.ops.mkldnn._linear_pointwise(x, packed, bias, "none", [], "")


class FrozenLinear(nn.Module):
    """A linear layer without trained parameters.

    Args:
        linear: the layer to be replaced; its weight is (out, in), fp32.
        tokens: how many tokens are commonly computed at once; packing is chosen for it.
    """

    def __init__(self, linear: nn.Linear, tokens: int) -> None:
        super().__init__()
        weight = linear.weight.detach()
        self.in_features, self.out_features = linear.in_features, linear.out_features
        self.size = (linear.in_features, linear.out_features)
        self.bias = None if linear.bias is None else linear.bias.detach()
        pack = torch.ops.mkldnn._reorder_linear_weight
        self.ahead = pack(weight.contiguous().to_mkldnn(), tokens)
        self.back = pack(weight.t().contiguous().to_mkldnn(), tokens)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return ``x Wᵀ + b`` for x of (…, in)."""
        result: torch.Tensor = _Product.apply(x, self)
        return result
