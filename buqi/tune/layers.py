"""The two halves of a Qwen2 layer with LoRA. Each is one autograd function that keeps few tensors.

Kept of a token: the input of each half, its queries, keys and values, the output of attention, gate and up, and the
products with A. The gradient computes norms and SwiGLU again, and the attention weights of long rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch

from buqi.tune.products import gated, gated_gradient, normed, normed_gradient, product, product_gradient, rotated
from buqi.tune.rows_attention import KEPT_WIDTH, Heads, RowLayout, attended, attended_gradient, attention_weights

Tensor = torch.Tensor
Factors = tuple[Tensor | None, Tensor | None]


@dataclass(frozen=True)
class Layer:
    """The frozen weights of a layer.

    Attributes:
        norm: of the input of attention, in 32 bits.
        qkv: of queries, keys and values, one below the other.
        bias: of the same, in 32 bits.
        out: of the output of attention.
        norm_2: of the input of the MLP, in 32 bits.
        gate_up: of gate and up, one below the other.
        down: of the output of the MLP.
        heads: number of query heads.
        groups: number of key and value heads.
        eps: of the norms.
    """

    norm: Tensor
    qkv: Tensor
    bias: Tensor | None
    out: Tensor
    norm_2: Tensor
    gate_up: Tensor
    down: Tensor
    heads: int
    groups: int
    eps: float


@dataclass(frozen=True)
class Placed:
    """A pack on its device: where its rows lie, and (L, 1, width) cosines and sines of its positions, in 32 bits."""

    layout: RowLayout
    cos: Tensor
    sin: Tensor


def add_attention(x: Tensor, qkv: Factors, out: Factors, layer: Layer, placed: Placed) -> Tensor:
    """Return (L, D) ``x`` plus the layer's attention. The factors are LoRA's (A, B), with B scaled."""
    found: Tensor = _Attention.apply(x, *qkv, *out, layer, placed)  # type: ignore[no-untyped-call]
    return found


def add_mlp(x: Tensor, gate_up: Factors, down: Factors, layer: Layer) -> Tensor:
    """Return (L, D) ``x`` plus the layer's MLP."""
    found: Tensor = _Mlp.apply(x, *gate_up, *down, layer)  # type: ignore[no-untyped-call]
    return found


class _Attention(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, x: Tensor, a: Tensor, b: Tensor, a_out: Tensor, b_out: Tensor, layer: Layer, placed: Placed
    ) -> Tensor:
        qkv, h = product(normed(x, layer.norm, layer.eps), layer.qkv, a, b)
        parts = _parts(qkv, layer, placed)
        each = _weights(parts, placed.layout)
        mixed = [attended(heads, weight) for heads, weight in zip(parts, each, strict=True)]
        o = _in_order(mixed, placed.layout).to(x.dtype)
        y, h_out = product(o, layer.out, a_out, b_out)
        kept = each if placed.layout.prefix + placed.layout.most <= KEPT_WIDTH else []
        ctx.save_for_backward(x, a, b, a_out, b_out, h, qkv, o, h_out, *kept)
        ctx.layer, ctx.placed = layer, placed
        return y.add_(x)

    @staticmethod
    def backward(ctx: Any, *upstream: Any) -> tuple[Tensor | None, ...]:
        grad: Tensor = upstream[0]
        x, a, b, a_out, b_out, h, qkv, o, h_out, *kept = ctx.saved_tensors
        layer, placed, wanted = ctx.layer, ctx.placed, ctx.needs_input_grad[0]
        grad_o, grad_a_out, grad_b_out = product_gradient(grad, o, layer.out, a_out, b_out, h_out)
        assert grad_o is not None
        grad_qkv = _attention_gradient(grad_o, qkv, kept, layer, placed)
        n = normed(x, layer.norm, layer.eps)
        grad_n, grad_a, grad_b = product_gradient(grad_qkv, n, layer.qkv, a, b, h, wanted)
        del n
        grad_x = None if grad_n is None else normed_gradient(grad_n, x, layer.norm, layer.eps).add_(grad)
        return grad_x, grad_a, grad_b, grad_a_out, grad_b_out, None, None


def _parts(qkv: Tensor, layer: Layer, placed: Placed) -> list[Heads]:
    """Return the heads of the rows and, if there is a prefix, its own; ``qkv`` is (L, (heads + 2 groups) · width)."""
    count, layout = layer.heads, placed.layout
    wide = qkv.float() if layer.bias is None else qkv + layer.bias  # the bias is in 32 bits, so the sum is too
    wide = wide.view(len(wide), count + 2 * layer.groups, -1)
    scale = wide.shape[2] ** -0.5
    query = rotated(wide[:, :count], placed.cos * scale, placed.sin * scale)
    key = rotated(wide[:, count : count + layer.groups], placed.cos, placed.sin)
    # on a CPU products of 16 bits this small take four times as long as those of 32
    value = wide[:, count + layer.groups :].to(torch.float32 if qkv.device.type == "cpu" else qkv.dtype)
    q, k, v = (_by_group(_by_row(t[layout.prefix :], layout), layer.groups) for t in (query, key, value))
    if not layout.prefix:
        return [Heads(q, k, v)]
    q0, k0, v0 = (_by_group(t[None, : layout.prefix], layer.groups) for t in (query, key, value))
    return [Heads(q, k, v, k0, v0), Heads(q0, k0, v0)]


def _weights(parts: list[Heads], layout: RowLayout) -> list[Tensor]:
    """Return the attention weights of each part."""
    masks = (layout.mask, layout.prefix_mask)
    return [attention_weights(heads, mask) for heads, mask in zip(parts, masks, strict=False)]


def _by_row(tokens: Tensor, layout: RowLayout) -> Tensor:
    """Return (R, M, h, w): each row's own of the (N, h, w) ``tokens`` behind the prefix."""
    return tokens.flatten(1).index_select(0, layout.index).view(-1, layout.most, *tokens.shape[1:])


def _by_group(tokens: Tensor, groups: int) -> Tensor:
    """Return (K, R, h / K · M, w) of (R, M, h, w): the heads of a group one behind the other."""
    rows, most, heads, width = tokens.shape
    split = tokens.reshape(rows, most, groups, heads // groups, width)
    return split.permute(2, 0, 3, 1, 4).reshape(groups, rows, -1, width)


def _flat(grouped: Tensor, most: int) -> Tensor:
    """Return (R · M, h · w) of (K, R, h / K · M, w)."""
    groups, rows, count, width = grouped.shape
    split = grouped.view(groups, rows, count // most, most, width)
    return split.permute(1, 3, 0, 2, 4).reshape(rows * most, -1)


def _in_order(parts: list[Tensor], layout: RowLayout) -> Tensor:
    """Return (L, h · w) in the pack's order: the prefix's part, which is the second, and the rows' part behind it."""
    behind = _flat(parts[0], layout.most).index_select(0, layout.order)
    return torch.cat([_flat(parts[1], layout.prefix), behind]) if layout.prefix else behind


def _attention_gradient(grad: Tensor, qkv: Tensor, kept: list[Tensor], layer: Layer, placed: Placed) -> Tensor:
    """Return the gradient of ``qkv``, given that of the output of attention, (L, heads · width)."""
    layout, count = placed.layout, layer.heads
    parts = _parts(qkv, layer, placed)
    kept = kept or _weights(parts, layout)
    split = grad.view(len(grad), count, -1).to(parts[0].value.dtype)
    padded = split.new_zeros(len(layout.index), *split.shape[1:]).index_copy_(0, layout.order, split[layout.prefix :])
    grad_parts = [padded.view(-1, layout.most, *split.shape[1:]), split[None, : layout.prefix]]
    found = [
        attended_gradient(_by_group(grad_part, layer.groups), heads, weight)
        for grad_part, heads, weight in zip(grad_parts, parts, kept, strict=False)
    ]
    own, *ahead = found
    if ahead:  # the rows attend the prefix too: their gradients of its keys and values are added to its own
        assert own.shared_key is not None
        assert own.shared_value is not None
        ahead[0].key.add_(own.shared_key)
        ahead[0].value.add_(own.shared_value)
    scale = split.shape[2] ** -0.5
    query = _in_order([one.query for one in found], layout).view(len(grad), count, -1)
    key = _in_order([one.key for one in found], layout).view(len(grad), layer.groups, -1)
    value = _in_order([one.value for one in found], layout)
    query = rotated(query, placed.cos * scale, placed.sin * scale, back=True)
    key = rotated(key, placed.cos, placed.sin, back=True)
    return torch.cat([t.flatten(1).to(grad.dtype) for t in (query, key, value)], 1)


class _Mlp(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, a: Tensor, b: Tensor, a_down: Tensor, b_down: Tensor, layer: Layer) -> Tensor:
        y, h = product(normed(x, layer.norm_2, layer.eps), layer.gate_up, a, b)
        out, h_down = product(gated(y), layer.down, a_down, b_down)
        ctx.save_for_backward(x, a, b, a_down, b_down, h, y, h_down)
        ctx.layer = layer
        return out.add_(x)

    @staticmethod
    def backward(ctx: Any, *upstream: Any) -> tuple[Tensor | None, ...]:
        grad: Tensor = upstream[0]
        x, a, b, a_down, b_down, h, y, h_down = ctx.saved_tensors
        layer, wanted = ctx.layer, ctx.needs_input_grad[0]
        grad_active = grad @ layer.down
        grad_a_down = grad_b_down = None
        if a_down is not None:  # as `product_gradient`; its input ``active`` is computed again in between
            grad_h = grad @ b_down
            grad_active.addmm_(grad_h, a_down)
        active, grad_y = gated_gradient(grad_active, y)
        if a_down is not None:
            grad_a_down, grad_b_down = grad_h.t() @ active, grad.t() @ h_down
        del active, grad_active
        n = normed(x, layer.norm_2, layer.eps)
        grad_n, grad_a, grad_b = product_gradient(grad_y, n, layer.gate_up, a, b, h, wanted)
        del n
        grad_x = None if grad_n is None else normed_gradient(grad_n, x, layer.norm_2, layer.eps).add_(grad)
        return grad_x, grad_a, grad_b, grad_a_down, grad_b_down, None
