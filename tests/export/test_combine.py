"""Adapters summed, rounded, and taken to llama.cpp answer as they should."""

from __future__ import annotations

import json

import pytest
import torch
from safetensors import safe_open

from buqi.artefact import attach_adapter
from buqi.base import load_model
from buqi.errors import BuqiError, UsageError
from buqi.export import merge
from buqi.export.combine import combine
from tests.helpers import make_adapter


def weights(model: object) -> dict[str, torch.Tensor]:
    return {k: v for k, v in model.state_dict().items() if "q_proj.weight" in k or "down_proj.weight" in k}


def test_cat_is_exactly_the_weighted_sum(tiny, tmp_path):
    one = make_adapter(tiny, tmp_path / "one", 1)
    other = make_adapter(tiny, tmp_path / "other", 2, r=2, use_rslora=True)
    combine(tiny, [one, other], [0.7, -0.4], "cat", tmp_path / "sum")
    base = weights(load_model(tiny))
    parts = [weights(attach_adapter(load_model(tiny), a).merge_and_unload()) for a in (one, other)]
    summed = weights(attach_adapter(load_model(tiny), tmp_path / "sum").merge_and_unload())
    for key, value in base.items():
        expected = value + 0.7 * (parts[0][key] - value) - 0.4 * (parts[1][key] - value)
        torch.testing.assert_close(summed[key], expected, atol=1e-5, rtol=1e-5)
    parity = merge(str(tiny), tmp_path / "sum", tmp_path / "merged")
    assert parity.passed
    assert json.loads((tmp_path / "sum" / "run.json").read_text())["parts"][1]["weight"] == -0.4


def test_what_cannot_be_summed_is_refused(tiny, tmp_path):
    one, other = make_adapter(tiny, tmp_path / "one", 1), make_adapter(tiny, tmp_path / "other", 2, r=2)
    dora = make_adapter(tiny, tmp_path / "dora", 3, use_dora=True)
    with pytest.raises(UsageError, match="nan is no weight; expected numbers"):
        combine(tiny, [one, other], [float("nan"), 1], "cat", tmp_path / "x")
    with pytest.raises(UsageError, match="2 adapters"):
        combine(tiny, [one, other], [1.0], "cat", tmp_path / "s")
    with pytest.raises(UsageError, match="expected one of cat, linear"):
        combine(tiny, [one, other], [1.0, 1.0], "ties", tmp_path / "s")
    with pytest.raises(BuqiError, match="linear"):
        combine(tiny, [one, other], [1.0, 1.0], "linear", tmp_path / "s")
    with pytest.raises(BuqiError, match="DoRA"):
        combine(tiny, [one, dora], [1.0, 1.0], "cat", tmp_path / "s")
    assert not (tmp_path / "s").exists()


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_half_precision_is_written_and_proven(tiny, tmp_path, dtype):
    parity = merge(str(tiny), make_adapter(tiny, tmp_path / "one", 1), tmp_path / "m", dtype=dtype)
    assert parity.passed and parity.largest_difference > 1e-5
    with safe_open(tmp_path / "m" / "model.safetensors", framework="pt") as file:
        assert file.get_tensor("model.norm.weight").dtype == getattr(torch, dtype)
    with pytest.raises(UsageError, match="expected one of float32"):
        merge(str(tiny), tmp_path / "one", tmp_path / "n", dtype="int8")
