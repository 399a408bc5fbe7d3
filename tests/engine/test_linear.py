"""Weights laid out for the CPU give the same products."""

from __future__ import annotations

import pytest
import torch

from buqi.engine import linear
from buqi.engine.linear import Int8Linear, LaidOutLinear, has_layout, lay_out, round_to_int8
from buqi.errors import UsageError
from buqi.machine import multiplies_int8


@pytest.mark.skipif(not has_layout(), reason="oneDNN has no layout for bf16 on this CPU")
@pytest.mark.parametrize("rows", [1, 7, 200])
def test_the_same_product(rows):
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(96, 160, dtype=torch.bfloat16))
    given = torch.randn(rows, 96, dtype=torch.bfloat16)
    plain = model(given)
    lay_out(model)
    assert type(model[0]) is LaidOutLinear and model[0].weight.shape == (160, 96)
    with torch.inference_mode():
        torch.testing.assert_close(model(given), plain, atol=0.02, rtol=0.02)


def test_other_precisions_stay_as_they_are():
    model = torch.nn.Sequential(torch.nn.Linear(4, 4))
    lay_out(model)
    assert type(model[0]) is torch.nn.Linear


@pytest.fixture
def rounded():
    if not multiplies_int8():
        pytest.skip("torch multiplies no 8 bits on this CPU")
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(96, 160), torch.nn.Linear(160, 8, bias=False))
    exact = torch.nn.Sequential(torch.nn.Linear(96, 160), torch.nn.Linear(160, 8, bias=False))
    exact.load_state_dict(model.state_dict())
    round_to_int8(model)
    return model, exact


def test_products_in_8_bits_are_near(rounded):
    model, exact = rounded
    assert [type(layer) for layer in model] == [Int8Linear, Int8Linear] and model[0].weight.shape == (160, 96)
    given = torch.randn(3, 5, 96)
    with torch.inference_mode():
        found, wanted = model(given), exact(given)
    assert found.shape == (3, 5, 8) and 0 < (found - wanted).abs().max() < 2e-3 * wanted.abs().max()


@pytest.mark.parametrize("in_32_bits", [True, False])
def test_both_parts_of_a_number_count_on_every_cpu(monkeypatch, in_32_bits):
    if not multiplies_int8():
        pytest.skip("torch multiplies no 8 bits on this CPU")
    monkeypatch.setattr(linear, "adds_in_32_bits", lambda: in_32_bits)
    torch.manual_seed(1)
    model = torch.nn.Sequential(torch.nn.Linear(96, 160))
    given = torch.randn(7, 96) * torch.tensor([1.0, 40.0] * 48)  # some numbers of a token are far larger
    exact = model(given)
    round_to_int8(model)
    with torch.inference_mode():
        assert (model(given) - exact).abs().max() < 2e-3 * exact.abs().max()


def test_what_makes_the_logits_has_one_part():
    if not multiplies_int8():
        pytest.skip("torch multiplies no 8 bits on this CPU")
    model = torch.nn.Module()
    model.inner, model.lm_head = torch.nn.Linear(8, 8), torch.nn.Linear(8, 8)
    round_to_int8(model)
    assert model.lm_head.fine is None and model.inner.fine is not None


def test_a_tokens_product_does_not_depend_on_the_tokens_beside_it(rounded):
    model, _ = rounded
    tokens = torch.randn(6, 96) * torch.tensor([1e-3, 1.0, 1e3, 7.0, 0.0, 50.0])[:, None]
    with torch.inference_mode():
        alone = torch.cat([model(token[None]) for token in tokens])
        assert torch.equal(model(tokens), alone)


def test_where_torch_multiplies_no_8_bits_it_is_said(monkeypatch):
    monkeypatch.setattr(linear, "multiplies_int8", lambda: False)
    with pytest.raises(UsageError, match="no 8 bits here; leave out --engine torch-int8"):
        round_to_int8(torch.nn.Sequential(torch.nn.Linear(4, 4)))
