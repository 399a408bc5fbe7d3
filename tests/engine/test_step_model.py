from __future__ import annotations

import pytest
import torch

from buqi.base import load_model
from buqi.engine.linear import LaidOutLinear, has_layout, lay_out
from buqi.engine.step_model import likeliest, likeliest_of


@pytest.mark.parametrize("size", [128 * 5, 300, 128 * 3 + 1])
def test_the_first_of_the_largest_is_found(size):
    torch.manual_seed(0)
    logits = torch.randn(50, size).bfloat16()  # so coarse that some are equal
    assert likeliest(logits) == logits.argmax(-1).tolist()
    logits[:, -1] = 100.0
    assert likeliest(logits) == [size - 1] * 50


def test_only_allowed_ones_are_chosen():
    assert likeliest_of(torch.tensor([9.0, 1.0, 3.0, 3.0]), [1, 2, 3]) == 2


def test_laid_out_layers_compute_what_plain_ones_do(tiny):
    plain, changed = load_model(tiny, "bfloat16"), load_model(tiny, "bfloat16")
    lay_out(changed)
    ids = torch.arange(40)[None]
    with torch.inference_mode():
        one, other = plain(ids).logits.float(), changed(ids).logits.float()
    torch.testing.assert_close(one, other, atol=2e-2, rtol=2e-2)
    assert any(isinstance(module, LaidOutLinear) for module in changed.modules()) == has_layout()
    exact = load_model(tiny)
    lay_out(exact)
    assert not any(isinstance(module, LaidOutLinear) for module in exact.modules()), "fp32 gains nothing"
