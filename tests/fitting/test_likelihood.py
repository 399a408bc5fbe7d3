"""Weights, networks and calibration by maximum likelihood."""

from __future__ import annotations

import numpy as np
import pytest

from buqi.fitting import likelihood
from buqi.fitting.likelihood import Sample, fit, network_of, platt, together
from tests.address.test_network import network


def test_several_together_are_their_mean():
    some, x = [network(seed) for seed in range(3)], np.ones((4, 5), dtype=np.float32)
    one = together(some)
    assert np.allclose(one.utilities(x), np.mean([n.utilities(x) for n in some], 0), atol=1e-5)
    assert one.outside == pytest.approx(np.mean([n.outside for n in some]))
    assert one.hidden.shape == (5, 9)


def rows_of_a_rule(count: int = 400) -> Sample:
    """Rows of four proposals with two values; right is where both are of one sign, which no linear model can say."""
    rng = np.random.default_rng(0)
    values = rng.choice([-1.0, 1.0], size=(count, 4, 2)).astype(np.float32)
    same = values[..., 0] == values[..., 1]
    right = same & (same.sum(1, keepdims=True) == 1)
    return Sample(
        values, right, np.zeros((count, 4, 3), int), np.zeros((count, 3), int), np.ones(count), np.full(count, "")
    )


def test_a_network_learns_what_a_linear_model_cannot(monkeypatch):
    monkeypatch.setattr(likelihood, "NETWORKS_OF_ONE", 1)
    rows = rows_of_a_rule()
    weights, _ = fit(rows)
    trained = network_of(rows)
    known = rows.right.any(1)
    hits = [
        np.mean(rows.right[known, (utility[known]).argmax(1)])
        for utility in (rows.values @ weights, trained.utilities(rows.values))
    ]
    assert hits[0] < 0.6 and hits[1] > 0.9


def test_few_rows_change_the_calibration_little():
    few = platt(np.array([0.6, 0.9]), np.array([True, True]), np.ones(2))
    rng = np.random.default_rng(0)
    p = rng.uniform(0.05, 0.95, 4000)
    many = platt(p, rng.random(4000) < 1 / (1 + (1 / p - 1) ** 0.5), np.ones(4000))
    assert 0.9 < few[0] < 1.6 and many[0] == pytest.approx(0.5, abs=0.1), "too sure by half"
