"""The network in numpy is the one that was trained, and several together are their mean."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file, save_file

from buqi.address.model import inputs, load_chooser
from buqi.address.network import Network, gelu, together
from buqi.address.proposals import FEATURES
from buqi.fitting.likelihood import Sample, fit, network_of, platt


def network(seed: int, width: int = 5, units: int = 3) -> Network:
    rng = np.random.default_rng(seed)
    shapes = ((width,), (width, units), (units,), (units,), ())
    scale = np.arange(1, width + 1, dtype=np.float32)
    return Network(scale, *(np.asarray(rng.normal(size=shape), np.float32) for shape in shapes))


def test_utilities_equal_torch():
    one, x = network(0), np.random.default_rng(1).normal(size=(7, 5)).astype(np.float32)
    scaled = torch.tensor(x / one.scale)
    units = torch.nn.functional.gelu(scaled @ torch.tensor(one.hidden) + torch.tensor(one.bias), approximate="tanh")
    wanted = scaled @ torch.tensor(one.linear) + units @ torch.tensor(one.out)
    assert np.allclose(one.utilities(x), wanted.numpy(), atol=1e-5)
    assert gelu(np.float32(0.0)) == 0.0 and gelu(np.float32(9.0)) == pytest.approx(9.0)


def test_several_together_are_their_mean():
    some, x = [network(seed) for seed in range(3)], np.ones((4, 5), dtype=np.float32)
    one = together(some)
    assert np.allclose(one.utilities(x), np.mean([n.utilities(x) for n in some], 0), atol=1e-5)
    assert one.outside == pytest.approx(np.mean([n.outside for n in some]))
    assert one.hidden.shape == (5, 9)


def test_arrays_and_back():
    one = network(0)
    again = Network.of(one.arrays("table"), "table")
    assert all(np.array_equal(a, b) for a, b in zip(one.arrays("x").values(), again.arrays("x").values(), strict=True))
    with pytest.raises(KeyError):
        Network.of(one.arrays("table"), "memory")


def test_a_file_keeps_what_was_trained_in_any_order(tmp_path):
    one = network(0)
    turned = Network(one.scale, one.linear, np.asfortranarray(one.hidden), one.bias, one.out, one.outside)
    save_file(turned.arrays("table"), tmp_path / "n.safetensors")
    again = Network.of(load_file(tmp_path / "n.safetensors"), "table")
    assert np.array_equal(again.hidden, one.hidden), "safetensors writes the memory as it lies"


def test_shipped_networks_fit_their_inputs():
    chooser = load_chooser()
    width = inputs(np.zeros((3, len(FEATURES))), "bare").shape
    for model in (chooser.table, chooser.memory, chooser.large):
        assert model.network.scale.shape == (width[1],) and np.isfinite(model.network.hidden).all()


def rows_of_a_rule(count: int = 400) -> Sample:
    """Rows of four proposals with two values; right is where both are of one sign, which no linear model can say."""
    rng = np.random.default_rng(0)
    values = rng.choice([-1.0, 1.0], size=(count, 4, 2)).astype(np.float32)
    same = values[..., 0] == values[..., 1]
    right = same & (same.sum(1, keepdims=True) == 1)
    return Sample(
        values, right, np.zeros((count, 4, 3), int), np.zeros((count, 3), int), np.ones(count), np.full(count, "")
    )


def test_a_network_learns_what_a_linear_model_cannot():
    rows = rows_of_a_rule()
    weights, _ = fit(rows)
    trained = network_of(rows)
    known = rows.right.any(1)
    hits = [
        np.mean(rows.right[known, (utility[known]).argmax(1)])
        for utility in (rows.values @ weights, trained.utilities(rows.values))
    ]
    assert hits[0] < 0.6 and hits[1] > 0.9


def test_a_calibrated_line_is_drawn_to_one_by_few_rows():
    few = platt(np.array([0.6, 0.9]), np.array([True, True]), np.ones(2))
    rng = np.random.default_rng(0)
    p = rng.uniform(0.05, 0.95, 4000)
    many = platt(p, rng.random(4000) < 1 / (1 + (1 / p - 1) ** 0.5), np.ones(4000))
    assert 0.9 < few[0] < 1.6 and many[0] == pytest.approx(0.5, abs=0.1), "too sure by half"
