from __future__ import annotations

import json
import shutil

import pytest
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

from buqi.artefact import WEIGHTS
from buqi.base import load_model
from buqi.errors import BuqiError, UsageError
from buqi.export import merge
from buqi.export.parity import LIMITS
from buqi.task import ROWS, Task, tokens
from tests.helpers import make_adapter


@pytest.fixture
def adapter(tuned):
    return tuned / "out"


def test_merged_folder_opens_in_plain_transformers_and_answers_alike(adapter, tiny, tmp_path):
    parity = merge(str(tiny), adapter, tmp_path / "merged")
    assert parity.passed
    assert parity.positions > 100
    merged = AutoModelForCausalLM.from_pretrained(tmp_path / "merged")
    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "merged")
    tuned = PeftModel.from_pretrained(load_model(tiny), adapter)
    ids = torch.tensor([tokens(tokenizer, ROWS.prompt_text(tokenizer, ["say 5"]))])
    torch.testing.assert_close(merged(ids).logits, tuned(ids).logits, atol=1e-4, rtol=1e-4)
    base = load_model(tiny)(ids).logits
    assert not torch.allclose(merged(ids).logits, base, atol=1e-2), "the adapter changes something"
    assert merged.config.tie_word_embeddings
    assert Task.load(tmp_path / "merged", tokenizer) == ROWS
    assert json.loads((tmp_path / "merged" / "parity.json").read_text())["passed"]
    assert json.loads((tmp_path / "merged" / "run.json").read_text())["merged_from"]["base"]["spec"] == str(tiny)


def test_existing_folder_is_kept(adapter, tiny, tmp_path):
    (tmp_path / "merged").mkdir()
    (tmp_path / "merged" / "mine").write_text("mine")
    with pytest.raises(UsageError, match="exists"):
        merge(str(tiny), adapter, tmp_path / "merged")
    assert (tmp_path / "merged" / "mine").read_text() == "mine"


def test_another_base_is_refused(adapter, other_tiny, tmp_path):
    with pytest.raises(UsageError, match="another base"):
        merge(str(other_tiny), adapter, tmp_path / "merged")
    assert list(tmp_path.iterdir()) == []


def test_a_sum_that_is_not_finite_is_said(tiny, tmp_path):
    adapter = make_adapter(tiny, tmp_path / "a", 1, std=1e30, lora_alpha=1e30)
    with pytest.raises(BuqiError, match="a: cannot be added to this base .NaNs"):
        merge(str(tiny), adapter, tmp_path / "merged")
    assert not (tmp_path / "merged").exists()


def test_what_differs_is_not_written(adapter, tiny, tmp_path, monkeypatch):
    monkeypatch.setitem(LIMITS, "float32", (0.0, 1.0))
    with pytest.raises(BuqiError, match="was not written"):
        merge(str(tiny), adapter, tmp_path / "merged")
    assert list(tmp_path.iterdir()) == []


def test_full_disk_leaves_nothing(adapter, tiny, tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10, 10, 0))
    with pytest.raises(BuqiError, match="the merged model needs"):
        merge(str(tiny), adapter, tmp_path / "merged")
    assert list(tmp_path.iterdir()) == []


def test_broken_adapters_are_refused(adapter, tiny, tmp_path):
    cut, pickled = (shutil.copytree(adapter, tmp_path / name, symlinks=True) for name in ("cut", "pickled"))
    data = (adapter / WEIGHTS).read_bytes()
    (cut / WEIGHTS).write_bytes(data[: len(data) // 2])
    with pytest.raises(BuqiError, match=r"bytes, .* were written \(seal.json\); train, merge or fetch it again"):
        merge(str(tiny), cut, tmp_path / "m")
    (cut / "seal.json").unlink()
    with pytest.raises(BuqiError, match="broken or not safetensors"):
        merge(str(tiny), cut, tmp_path / "m")
    (pickled / WEIGHTS).rename(pickled / "adapter_model.bin")
    with pytest.raises(UsageError, match="pickled"):
        merge(str(tiny), pickled, tmp_path / "m")
    with pytest.raises(UsageError, match="no such adapter"):
        merge(str(tiny), tmp_path / "none", tmp_path / "m")
