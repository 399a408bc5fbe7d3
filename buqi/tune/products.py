"""Frozen products with a LoRA term, and the elementwise parts of a Qwen2 layer, each with its gradient.

Plain functions of tensors, without autograd: `buqi.tune.layers` makes the two halves of a layer of them. What a
gradient needs and can be computed again is not kept.
"""

from __future__ import annotations

import torch
from torch.nn.functional import linear, silu

from buqi.tune.compiled import elementwise

Tensor = torch.Tensor
aten = torch.ops.aten


def product(x: Tensor, weight: Tensor, a: Tensor | None, b: Tensor | None) -> tuple[Tensor, Tensor | None]:
    """Return x Wᵀ + (x Aᵀ) Bᵀ and x Aᵀ, which the gradient needs. ``a`` (R, in) and ``b`` (out, R) may be missing.

    The weight is frozen. On a CPU with units for bf16 laying it out for them beforehand saves nothing here.
    """
    y = linear(x, weight)
    if a is None or b is None:
        return y, None
    h = linear(x, a)
    return y.addmm_(h, b.t()), h


def product_gradient(
    g: Tensor, x: Tensor, weight: Tensor, a: Tensor | None, b: Tensor | None, h: Tensor | None, wanted: bool = True
) -> tuple[Tensor | None, Tensor | None, Tensor | None]:
    """Return the gradients of x (if ``wanted``), A and B where ``g`` (L, out) is that of `product`."""
    gx = g @ weight if wanted else None
    if a is None or b is None or h is None:
        return gx, None, None
    gh = g @ b
    ga, gb = gh.t() @ x, g.t() @ h
    return gx.addmm_(gh, a) if gx is not None else None, ga, gb


@elementwise
def normed(x: Tensor, weight: Tensor, eps: float) -> Tensor:
    """Return the root-mean-square norm (Zhang and Sennrich 2019) of the rows of ``x``, computed in 32 bits."""
    wide = x.float()
    size = wide.square().mean(1, keepdim=True).add_(eps).rsqrt_()
    return (wide * size).mul_(weight).to(x.dtype)


@elementwise
def normed_gradient(g: Tensor, x: Tensor, weight: Tensor, eps: float) -> Tensor:
    """Return the gradient of ``x`` in its own precision; ``g`` is that of `normed`."""
    wide, scaled = x.float(), g.float() * weight
    size = wide.square().mean(1, keepdim=True).add_(eps).rsqrt_()
    along = (scaled * wide).mean(1, keepdim=True).mul_(size).mul_(size)
    return scaled.addcmul_(wide, along, value=-1).mul_(size).to(x.dtype)


@elementwise
def gated(y: Tensor) -> Tensor:
    """Return silu(gate) · up (SwiGLU, Shazeer 2020) of (L, 2 W): gate and up beside each other."""
    gate, up = y.chunk(2, 1)
    return silu(gate).mul_(up)


@elementwise
def gated_gradient(g: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """Return what `gated` gave, computed again, and the gradient of ``y``; ``g`` is that of `gated`."""
    gate, up = y.chunk(2, 1)
    active = silu(gate)
    of_y = torch.cat([aten.silu_backward(g * up, gate), g * active], 1)
    return active.mul_(up), of_y


@elementwise
def turned(heads: Tensor, cos: Tensor, sin: Tensor, back: bool = False) -> Tensor:
    """Return (L, h, width) ``heads`` with rotary positions (Su et al. 2021), or the gradient of that: turned back.

    Args:
        heads: in 32 bits.
        cos: (L, 1, width) in 32 bits, both halves alike.
        sin: the same.
        back: whether to turn back.
    """
    first, second = heads.chunk(2, 2)
    beside = torch.cat([second, -first] if back else [-second, first], 2)
    return (heads * cos).addcmul_(beside, sin)
