"""Linear layers whose weights lie as the CPU's matrix units read them."""

from __future__ import annotations

from typing import Any

import torch

USUAL_ROWS = 64  # tokens of a step that the layout is chosen for


class LaidOutLinear(torch.nn.Linear):
    """A linear layer in bf16 whose weight was laid out once for oneDNN, which else does so at every product."""

    laid_out: torch.Tensor

    def forward(self, input: torch.Tensor) -> torch.Tensor:
        """Return the same product as the plain layer."""
        found: torch.Tensor = torch.ops.mkldnn._linear_pointwise(input, self.laid_out, self.bias, "none", [], "")
        return found


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
