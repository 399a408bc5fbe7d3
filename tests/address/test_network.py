"""The network in numpy is the one that was trained, and a file keeps it."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file, save_file

from buqi.address.network import UtilityNetwork, gelu


def network(seed: int, width: int = 5, units: int = 3) -> UtilityNetwork:
    rng = np.random.default_rng(seed)
    shapes = ((width,), (width, units), (units,), (units,), ())
    scale = np.arange(1, width + 1, dtype=np.float32)
    return UtilityNetwork(scale, *(np.asarray(rng.normal(size=shape), np.float32) for shape in shapes))


def test_utilities_equal_torch():
    one, x = network(0), np.random.default_rng(1).normal(size=(7, 5)).astype(np.float32)
    scaled = torch.tensor(x / one.scale)
    units = torch.nn.functional.gelu(scaled @ torch.tensor(one.hidden) + torch.tensor(one.bias), approximate="tanh")
    wanted = scaled @ torch.tensor(one.linear) + units @ torch.tensor(one.out)
    assert np.allclose(one.utilities(x), wanted.numpy(), atol=1e-5)
    assert gelu(np.array([0.0, 9.0], np.float32)).tolist() == pytest.approx([0.0, 9.0])


def test_arrays_and_back():
    one = network(0)
    again = UtilityNetwork.of(one.arrays("table"), "table")
    assert all(np.array_equal(a, b) for a, b in zip(one.arrays("x").values(), again.arrays("x").values(), strict=True))
    with pytest.raises(KeyError):
        UtilityNetwork.of(one.arrays("table"), "memory")


def test_a_file_keeps_what_was_trained_in_any_order(tmp_path):
    one = network(0)
    turned = UtilityNetwork(one.scale, one.linear, np.asfortranarray(one.hidden), one.bias, one.out, one.outside)
    save_file(turned.arrays("table"), tmp_path / "n.safetensors")
    again = UtilityNetwork.of(load_file(tmp_path / "n.safetensors"), "table")
    assert np.array_equal(again.hidden, one.hidden), "safetensors writes the memory as it lies"
