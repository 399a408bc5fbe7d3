"""Frozen products with a LoRA term, and the elementwise parts of a Qwen2 layer, each with its gradient.

Plain functions of tensors, without autograd. `buqi.tune.layers` makes the two halves of a layer of them. A value that
a gradient needs is not kept where it can be computed again.
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
    grad: Tensor, x: Tensor, weight: Tensor, a: Tensor | None, b: Tensor | None, h: Tensor | None, wanted: bool = True
) -> tuple[Tensor | None, Tensor | None, Tensor | None]:
    """Return the gradients of x (if ``wanted``), A and B, given that of `product`, (L, out)."""
    grad_x = grad @ weight if wanted else None
    if a is None or b is None or h is None:
        return grad_x, None, None
    grad_h = grad @ b
    grad_a, grad_b = grad_h.t() @ x, grad.t() @ h
    return grad_x.addmm_(grad_h, a) if grad_x is not None else None, grad_a, grad_b


@elementwise
def normed(x: Tensor, weight: Tensor, eps: float) -> Tensor:
    """Return the root-mean-square norm (Zhang and Sennrich 2019) of the rows of ``x``, computed in 32 bits."""
    wide = x.float()
    inverse_rms = wide.square().mean(1, keepdim=True).add_(eps).rsqrt_()
    return (wide * inverse_rms).mul_(weight).to(x.dtype)


@elementwise
def normed_gradient(grad: Tensor, x: Tensor, weight: Tensor, eps: float) -> Tensor:
    """Return the gradient of ``x``, in the precision of ``x``, given that of `normed`."""
    wide, scaled = x.float(), grad.float() * weight
    inverse_rms = wide.square().mean(1, keepdim=True).add_(eps).rsqrt_()
    along = (scaled * wide).mean(1, keepdim=True).mul_(inverse_rms).mul_(inverse_rms)
    return scaled.addcmul_(wide, along, value=-1).mul_(inverse_rms).to(x.dtype)


@elementwise
def gated(y: Tensor) -> Tensor:
    """Return silu(gate) · up (SwiGLU, Shazeer 2020) of (L, 2 W): gate and up beside each other."""
    gate, up = y.chunk(2, 1)
    return silu(gate).mul_(up)


@elementwise
def gated_gradient(grad: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """Return what `gated` gave, computed again, and the gradient of ``y``, given that of `gated`."""
    gate, up = y.chunk(2, 1)
    active = silu(gate)
    grad_y = torch.cat([aten.silu_backward(grad * up, gate), grad * active], 1)
    return active.mul_(up), grad_y


@elementwise
def rotated(heads: Tensor, cos: Tensor, sin: Tensor, back: bool = False) -> Tensor:
    """Return (L, h, width) ``heads`` with rotary positions (Su et al. 2021), in 32 bits.

    Args:
        heads: in 32 bits.
        cos: (L, 1, width) in 32 bits, both halves alike.
        sin: the same.
        back: rotate in the other direction, which is the gradient.
    """
    first, second = heads.chunk(2, 2)
    half_turned = torch.cat([second, -first] if back else [-second, first], 2)
    return (heads * cos).addcmul_(half_turned, sin)
