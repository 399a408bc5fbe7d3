from __future__ import annotations

import pytest
import torch

from buqi.base import load_model
from buqi.engine.linear import PackedLinear, pack
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


def test_packed_layers_compute_what_plain_ones_do(tiny):
    plain, packed = load_model(tiny, "bfloat16"), load_model(tiny, "bfloat16")
    pack(packed)
    ids = torch.arange(40)[None]
    with torch.inference_mode():
        one, other = plain(ids).logits.float(), packed(ids).logits.float()
    torch.testing.assert_close(one, other, atol=2e-2, rtol=2e-2)
    if torch.backends.mkldnn.is_available():
        assert any(isinstance(module, PackedLinear) for module in packed.modules())
    exact = load_model(tiny)
    pack(exact)
    assert not any(isinstance(module, PackedLinear) for module in exact.modules()), "fp32 gains nothing"
