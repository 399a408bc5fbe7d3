"""The two halves of a Qwen2 layer with LoRA, each one autograd function that keeps little.

Of a token are kept: the input of each half, the queries, keys and values, what attention gave, gate and up, and the
products with A. Norms, SwiGLU and, of long rows, the weights of attention are computed again for the gradient.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch

from buqi.tune.products import gated, gated_gradient, normed, normed_gradient, product, product_gradient, turned
from buqi.tune.rows_attention import KEPT_WIDTH, Heads, RowLayout, attended, attended_gradient, weights

Tensor = torch.Tensor
Factors = tuple[Tensor | None, Tensor | None]


@dataclass(frozen=True)
class Layer:
    """The frozen weights of a layer: norms in 32 bits, and queries, keys and values as one product, gate and up too.

    Attributes:
        heads: how many of queries.
        groups: how many of keys and values.
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


def add_attention(x: Tensor, of_qkv: Factors, of_out: Factors, layer: Layer, placed: Placed) -> Tensor:
    """Return (L, D) ``x`` with what the layer's attention adds to it. Factors are LoRA's (A, B), B scaled."""
    found: Tensor = _Attention.apply(x, *of_qkv, *of_out, layer, placed)  # type: ignore[no-untyped-call]
    return found


def add_mlp(x: Tensor, of_gate_up: Factors, of_down: Factors, layer: Layer) -> Tensor:
    """Return (L, D) ``x`` with what the layer's gated part adds to it."""
    found: Tensor = _Mlp.apply(x, *of_gate_up, *of_down, layer)  # type: ignore[no-untyped-call]
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
        g: Tensor = upstream[0]
        x, a, b, a_out, b_out, h, qkv, o, h_out, *kept = ctx.saved_tensors
        layer, placed, wanted = ctx.layer, ctx.placed, ctx.needs_input_grad[0]
        of_o, of_a_out, of_b_out = product_gradient(g, o, layer.out, a_out, b_out, h_out)
        assert of_o is not None
        of_qkv = _attention_gradient(of_o, qkv, kept, layer, placed)
        of_n, of_a, of_b = product_gradient(of_qkv, normed(x, layer.norm, layer.eps), layer.qkv, a, b, h, wanted)
        of_x = None if of_n is None else normed_gradient(of_n, x, layer.norm, layer.eps).add_(g)
        return of_x, of_a, of_b, of_a_out, of_b_out, None, None


def _parts(qkv: Tensor, layer: Layer, placed: Placed) -> list[Heads]:
    """Return the heads of the rows and, if there is one, of the prefix by itself: of (L, (heads + 2 groups) width)."""
    count, layout = layer.heads, placed.layout
    wide = qkv.float() if layer.bias is None else qkv + layer.bias  # the bias is in 32 bits, so the sum is too
    wide = wide.view(len(wide), count + 2 * layer.groups, -1)
    scale = wide.shape[2] ** -0.5
    query = turned(wide[:, :count], placed.cos * scale, placed.sin * scale)
    key = turned(wide[:, count : count + layer.groups], placed.cos, placed.sin)
    # on a CPU products of 16 bits this small take four times as long as those of 32
    value = wide[:, count + layer.groups :].to(torch.float32 if qkv.device.type == "cpu" else qkv.dtype)
    q, k, v = (_by_group(_of_rows(t[layout.prefix :], layout), layer.groups) for t in (query, key, value))
    if not layout.prefix:
        return [Heads(q, k, v)]
    q0, k0, v0 = (_by_group(t[None, : layout.prefix], layer.groups) for t in (query, key, value))
    return [Heads(q, k, v, k0, v0), Heads(q0, k0, v0)]


def _weights(parts: list[Heads], layout: RowLayout) -> list[Tensor]:
    """Return the weights of attention of each part."""
    hides = (layout.hide, layout.hide_prefix)
    return [weights(heads, hide) for heads, hide in zip(parts, hides, strict=False)]


def _of_rows(tokens: Tensor, layout: RowLayout) -> Tensor:
    """Return (R, M, h, w) of the (N, h, w) tokens behind the prefix."""
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


def _attention_gradient(g: Tensor, qkv: Tensor, kept: list[Tensor], layer: Layer, placed: Placed) -> Tensor:
    """Return the gradient of ``qkv`` where ``g`` (L, heads · width) is that of what attention gave."""
    layout, count = placed.layout, layer.heads
    parts = _parts(qkv, layer, placed)
    kept = kept or _weights(parts, layout)
    split = g.view(len(g), count, -1).to(parts[0].value.dtype)
    padded = split.new_zeros(len(layout.index), *split.shape[1:]).index_copy_(0, layout.order, split[layout.prefix :])
    of_parts = [padded.view(-1, layout.most, *split.shape[1:]), split[None, : layout.prefix]]
    found = [
        attended_gradient(_by_group(of_part, layer.groups), heads, weight)
        for of_part, heads, weight in zip(of_parts, parts, kept, strict=False)
    ]
    own, *ahead = found
    if ahead:  # what the rows say of the prefix is added to what it says of itself
        assert own.shared_key is not None
        assert own.shared_value is not None
        ahead[0].key.add_(own.shared_key)
        ahead[0].value.add_(own.shared_value)
    scale = split.shape[2] ** -0.5
    query = _in_order([one.query for one in found], layout).view(len(g), count, -1)
    key = _in_order([one.key for one in found], layout).view(len(g), layer.groups, -1)
    value = _in_order([one.value for one in found], layout)
    query = turned(query, placed.cos * scale, placed.sin * scale, back=True)
    key = turned(key, placed.cos, placed.sin, back=True)
    return torch.cat([t.flatten(1).to(g.dtype) for t in (query, key, value)], 1)


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
        g: Tensor = upstream[0]
        x, a, b, a_down, b_down, h, y, h_down = ctx.saved_tensors
        layer, wanted = ctx.layer, ctx.needs_input_grad[0]
        of_active = g @ layer.down
        if a_down is None:
            of_a_down = of_b_down = None
        else:
            gh = g @ b_down
            of_active.addmm_(gh, a_down)
        active, of_y = gated_gradient(of_active, y)
        if a_down is not None:
            of_a_down, of_b_down = gh.t() @ active, g.t() @ h_down
        del active, of_active
        of_n, of_a, of_b = product_gradient(of_y, normed(x, layer.norm_2, layer.eps), layer.gate_up, a, b, h, wanted)
        of_x = None if of_n is None else normed_gradient(of_n, x, layer.norm_2, layer.eps).add_(g)
        return of_x, of_a, of_b, of_a_down, of_b_down, None
