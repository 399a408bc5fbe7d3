from __future__ import annotations

import pytest
import torch
from safetensors.torch import load_file, save_file

from buqi.artefact import WEIGHTS, attach_adapter
from buqi.base import load_model
from buqi.errors import BuqiError
from buqi.export.factors import read_factors
from tests.helpers import make_adapter


@pytest.mark.parametrize(
    "options", [{}, {"use_rslora": True}, {"rank_pattern": {"q_proj": 2}, "alpha_pattern": {"down_proj": 3}}]
)
def test_factors_are_what_peft_merges(tiny, tmp_path, options):
    adapter = make_adapter(tiny, tmp_path / "a", 1, **options)
    merged = attach_adapter(load_model(tiny), adapter).merge_and_unload().model.state_dict()
    base = load_model(tiny).model.state_dict()
    _, factors = read_factors(adapter, "it")
    assert len(factors) == 4
    for layer, found in factors.items():
        expected = merged[f"{layer}.weight"] - base[f"{layer}.weight"]
        torch.testing.assert_close(torch.from_numpy(found.change), expected, atol=1e-5, rtol=1e-4)


def test_what_is_no_lora_is_refused(tiny, tmp_path):
    with pytest.raises(BuqiError, match="DoRA, which it has not; merge it instead"):
        read_factors(make_adapter(tiny, tmp_path / "d", 1, use_dora=True), "it")
    adapter = make_adapter(tiny, tmp_path / "a", 1)
    weights = load_file(adapter / WEIGHTS)
    save_file({name: value for name, value in weights.items() if "lora_A" not in name}, adapter / WEIGHTS)
    with pytest.raises(BuqiError, match="only one of lora_A and lora_B"):
        read_factors(adapter, "it")
    save_file(weights | {"other.lora_B": torch.ones(1)}, adapter / WEIGHTS)
    with pytest.raises(BuqiError, match="other.lora_B is no LoRA factor that it knows"):
        read_factors(adapter, "it")
