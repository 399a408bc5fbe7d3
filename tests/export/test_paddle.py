"""Adapters that the real PaddleNLP saved (paddle_fixtures.py) give its logits here, and ours go back whole."""

from __future__ import annotations

import json
import pickle
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from buqi.artefact import attach_adapter
from buqi.base import load_model
from buqi.errors import BuqiError, UsageError
from buqi.export.paddle import SHARD, export_paddle, import_paddle, read_adapter
from buqi.export.pdparams import read_pdparams
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
        assert all(np.allclose(one.factors[k], other.factors[k], atol=1e-6) for k in one.factors)


def test_layers_of_other_ranks_are_filled_up(base, tmp_path):
    from peft import LoraConfig, get_peft_model

    config = LoraConfig(r=4, lora_alpha=8, target_modules=["q_proj", "v_proj"], rank_pattern={"v_proj": 2})
    tuned = get_peft_model(load_model(base), config)
    for name, parameter in tuned.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(parameter)
    tuned.save_pretrained(tmp_path / "a")
    written = export_paddle(tmp_path / "a", base, tmp_path / "p")
    assert written.factors["layers.0.self_attn.v_proj.A"].shape == (32, 4)
    import_paddle(tmp_path / "p", base, tmp_path / "b", ADDRESS)
    ids = torch.tensor([[3, 17, 42]])
    one = attach_adapter(load_model(base), tmp_path / "a").eval()(ids).logits
    other = attach_adapter(load_model(base), tmp_path / "b").eval()(ids).logits
    torch.testing.assert_close(one, other, atol=1e-4, rtol=1e-4)


class Evil:
    def __reduce__(self):
        return (exec, ("raise SystemExit('ran')",))


def test_hostile_and_broken_files(base, tmp_path):
    def adapter(name: str, layout: str = "pdparams") -> Path:
        return Path(shutil.copytree(HERE / layout, tmp_path / name))

    evil = adapter("evil") / "lora_model_state.pdparams"
    evil.write_bytes(pickle.dumps({"qwen2.layers.0.self_attn.q_proj.lora_A": Evil()}))
    with pytest.raises(BuqiError, match="names builtins.exec"):
        read_pdparams(evil)
    whole = (HERE / "pdparams" / "lora_model_state.pdparams").read_bytes()
    for length in (0, 3, 50, 400, 2000, len(whole) - 1):
        evil.write_bytes(whole[:length])
        with pytest.raises(BuqiError, match="not a file of arrays"):
            read_pdparams(evil)
    cut = adapter("cut", "unified") / SHARD
    cut.write_bytes(cut.read_bytes()[:1000])
    with pytest.raises(BuqiError, match="broken or not safetensors"):
        read_adapter(cut.parent)
    cut.unlink()
    with pytest.raises(BuqiError, match="which is not there"):
        read_adapter(cut.parent)
    mora = adapter("mora")
    config = json.loads((mora / "lora_config.json").read_text())
    (mora / "lora_config.json").write_text(json.dumps(config | {"use_mora": True}))
    with pytest.raises(BuqiError, match="MoRA"):
        read_adapter(mora)
    with pytest.raises(UsageError, match="expected lora_config.json"):
        read_adapter(tmp_path / "none")
    wide = make_tiny(tmp_path / "wide")
    with pytest.raises(BuqiError, match="name the base it was trained on"):
        import_paddle(HERE / "pdparams", wide, tmp_path / "out", ADDRESS)
    assert not (tmp_path / "out").exists()
