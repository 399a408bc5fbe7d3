"""Weights laid out for the CPU give the same products."""

from __future__ import annotations

import pytest
import torch

from buqi.engine.linear import LaidOutLinear, has_layout, lay_out


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
