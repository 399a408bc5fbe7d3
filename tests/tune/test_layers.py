"""The two halves of a layer against transformers' own, with their gradients."""

from __future__ import annotations

import pytest
import torch

from buqi.base import load_model
from buqi.tune.layers import Layer, Placed, add_attention, add_mlp
from buqi.tune.rows_attention import RowLayout, causal_mask

TOKENS = 7


@pytest.fixture
def block(tiny):
    model = load_model(tiny).eval()
    return model.model.layers[0].requires_grad_(False), model.config, model.model.rotary_emb


def layer_of(block, config) -> Layer:
    attention, mlp = block.self_attn, block.mlp
    heads = (attention.q_proj, attention.k_proj, attention.v_proj)
    products = (
        torch.cat([h.weight for h in heads]), attention.o_proj.weight,
        torch.cat([mlp.gate_proj.weight, mlp.up_proj.weight]), mlp.down_proj.weight,
    )  # fmt: skip
    qkv, out, gate_up, down = (weight.detach() for weight in products)
    bias = torch.cat([h.bias for h in heads]).detach()
    norms = block.input_layernorm.weight.detach(), block.post_attention_layernorm.weight.detach()
    return Layer(norms[0], qkv, bias, out, norms[1], gate_up, down, config.num_attention_heads,
                 config.num_key_value_heads, config.rms_norm_eps)  # fmt: skip


def test_a_whole_layer_and_its_gradient(block):
    one, config, rotary = block
    torch.manual_seed(0)
    ours = torch.randn(TOKENS, config.hidden_size, requires_grad=True)
    theirs = ours.detach().clone().requires_grad_()
    cos, sin = rotary(theirs[None], torch.arange(TOKENS)[None])
    mask = torch.full((TOKENS, TOKENS), float("-inf")).triu(1)[None, None]
    expected = one(theirs[None], attention_mask=mask, position_embeddings=(cos, sin))
    expected = (expected[0] if isinstance(expected, tuple) else expected).reshape(TOKENS, -1)
    device, at = torch.device("cpu"), torch.arange(TOKENS)
    layout = RowLayout(0, at, at, TOKENS, causal_mask(TOKENS, device), causal_mask(0, device))
    placed = Placed(layout, cos[0][:, None], sin[0][:, None])
    layer, none = layer_of(one, config), (None, None)
    found = add_mlp(add_attention(ours, none, none, layer, placed), none, none, layer)
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-5)
    weights = torch.randn_like(found)
    (found * weights).sum().backward()
    (expected * weights).sum().backward()
    torch.testing.assert_close(ours.grad, theirs.grad, atol=1e-4, rtol=1e-4)
