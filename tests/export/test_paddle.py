"""Adapters that the real PaddleNLP saved (paddle_fixtures.py) give its logits here, and ours go back whole."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from buqi.artefact import attach_adapter
from buqi.base import load_model
from buqi.errors import BuqiError
from buqi.export.paddle import export_paddle, import_paddle
from buqi.export.paddle_format import read_adapter
from buqi.task import ADDRESS, Task
from tests.conftest import make_tiny
from tests.helpers import make_paddle_base

HERE = Path(__file__).parent / "paddle"


@pytest.fixture(scope="module")
def base(tmp_path_factory) -> Path:
    """PaddleNLP's tiny base with a tokenizer of the same 259 tokens."""
    return make_paddle_base(tmp_path_factory.mktemp("paddle"))


@pytest.mark.parametrize("layout", ["pdparams", "unified", "pissa"])
def test_imported_adapters_give_paddlenlps_logits(layout, base, tmp_path):
    expected = np.load(HERE / "logits.npz")
    ids = torch.from_numpy(expected["ids"])
    torch.testing.assert_close(
        load_model(base)(ids).logits.detach(), torch.from_numpy(expected["base"]), atol=1e-4, rtol=0
    )
    parity = import_paddle(HERE / layout, base, tmp_path / "a", ADDRESS)
    assert parity.passed
    logits = attach_adapter(load_model(base), tmp_path / "a").eval()(ids).logits.detach()
    torch.testing.assert_close(logits, torch.from_numpy(expected[layout]), atol=1e-4, rtol=0)
    assert np.abs(expected[layout] - expected["base"]).max() > 0.1
    from buqi.base import load_tokenizer

    assert Task.load(tmp_path / "a", load_tokenizer(base)) == ADDRESS
    assert json.loads((tmp_path / "a" / "parity.json").read_text())["passed"]


def test_there_and_back(base, tmp_path):
    for layout in ("pdparams", "unified"):
        import_paddle(HERE / layout, base, tmp_path / layout, ADDRESS)
        export_paddle(tmp_path / layout, base, tmp_path / f"{layout}_back")
        one, other = read_adapter(HERE / layout), read_adapter(tmp_path / f"{layout}_back")
        assert one.scaling == other.scaling and one.factors.keys() == other.factors.keys()
        assert all(np.allclose(one.factors[k].a, other.factors[k].a, atol=1e-6) for k in one.factors)
        assert all(np.allclose(one.factors[k].b, other.factors[k].b, atol=1e-6) for k in one.factors)


def test_layers_of_other_ranks_are_filled_up(base, tmp_path):
    from peft import LoraConfig, get_peft_model

    config = LoraConfig(r=4, lora_alpha=8, target_modules=["q_proj", "v_proj"], rank_pattern={"v_proj": 2})
    tuned = get_peft_model(load_model(base), config)
    for name, parameter in tuned.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(parameter)
    tuned.save_pretrained(tmp_path / "a")
    written = export_paddle(tmp_path / "a", base, tmp_path / "p")
    assert written.factors["layers.0.self_attn.v_proj"].a.shape == (4, 32)
    import_paddle(tmp_path / "p", base, tmp_path / "b", ADDRESS)
    ids = torch.tensor([[3, 17, 42]])
    one = attach_adapter(load_model(base), tmp_path / "a").eval()(ids).logits
    other = attach_adapter(load_model(base), tmp_path / "b").eval()(ids).logits
    torch.testing.assert_close(one, other, atol=1e-4, rtol=1e-4)


def test_another_base_is_refused(tmp_path):
    wide = make_tiny(tmp_path / "wide")
    with pytest.raises(BuqiError, match="name the base it was trained on"):
        import_paddle(HERE / "pdparams", wide, tmp_path / "out", ADDRESS)
    assert not (tmp_path / "out").exists()
