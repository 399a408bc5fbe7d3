"""Attention of rows with shared keys against torch's own, with its gradient."""

from __future__ import annotations

import pytest
import torch
from torch.nn.functional import scaled_dot_product_attention

from buqi.tune.rows_attention import Heads, attended, attended_gradient, attention_weights, causal_mask

GROUPS, EACH, ROWS, OWN, SHARED, WIDTH = 2, 3, 4, 5, 6, 8


def heads(shared: bool) -> Heads:
    torch.manual_seed(0)
    query = torch.randn(GROUPS, ROWS, EACH * OWN, WIDTH, requires_grad=True)
    own = [torch.randn(GROUPS, ROWS, OWN, WIDTH, requires_grad=True) for _ in range(2)]
    ahead = [torch.randn(GROUPS, 1, SHARED, WIDTH, requires_grad=True) for _ in range(2)]
    return Heads(query, *own, *(ahead if shared else (None, None)))


def torchs(given: Heads) -> torch.Tensor:
    key, value = given.key, given.value
    allowed = torch.ones(OWN, OWN, dtype=torch.bool).tril()
    if given.shared_key is not None:
        key = torch.cat([given.shared_key.expand(-1, ROWS, -1, -1), key], 2)
        value = torch.cat([given.shared_value.expand(-1, ROWS, -1, -1), value], 2)
        allowed = torch.cat([torch.ones(OWN, SHARED, dtype=torch.bool), allowed], 1)
    mask = allowed.repeat(EACH, 1)  # the heads of a group stand one behind the other
    return scaled_dot_product_attention(given.query, key, value, attn_mask=mask, scale=1.0)


@pytest.mark.parametrize("shared", [True, False])
def test_attention_and_its_gradient_are_torchs(shared):
    given = heads(shared)
    assert given.shared == (SHARED if shared else 0)
    right = torchs(given)
    weight = attention_weights(given, causal_mask(OWN, torch.device("cpu")))
    torch.testing.assert_close(weight.sum(3), torch.ones(GROUPS, ROWS, EACH * OWN))
    torch.testing.assert_close(attended(given, weight), right)
    g = torch.randn_like(right)
    right.backward(g)
    with torch.no_grad():
        found = attended_gradient(g, given, weight)
    for name, mine in vars(found).items():
        whole = getattr(given, name)
        assert (mine is None) == (whole is None)
        if mine is not None:
            torch.testing.assert_close(mine, whole.grad, atol=1e-5, rtol=1e-4, msg=name)


def test_what_is_later_has_no_weight():
    weight = attention_weights(heads(False), causal_mask(OWN, torch.device("cpu"))).view(GROUPS, ROWS, EACH, OWN, OWN)
    assert weight.triu(1).abs().max() == 0
