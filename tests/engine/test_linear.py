"""Weights laid out for the CPU give the same products."""

from __future__ import annotations

import pytest
import torch

from buqi.engine.linear import PackedLinear, pack
from buqi.machine import reads_bf16


@pytest.mark.skipif(not reads_bf16(), reason="this CPU has no units for bf16")
@pytest.mark.parametrize("rows", [1, 7, 200])
def test_the_same_product(rows):
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(96, 160, dtype=torch.bfloat16))
    given = torch.randn(rows, 96, dtype=torch.bfloat16)
    plain = model(given)
    pack(model)
    assert type(model[0]) is PackedLinear and model[0].weight.shape == (160, 96)
    with torch.inference_mode():
        torch.testing.assert_close(model(given), plain, atol=0.02, rtol=0.02)


def test_other_precisions_stay_as_they_are():
    model = torch.nn.Sequential(torch.nn.Linear(4, 4))
    pack(model)
    assert type(model[0]) is torch.nn.Linear
