from __future__ import annotations

import json
import shutil

import pytest
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

from buqi.base import load_model
from buqi.errors import BuqiError, UsageError
from buqi.export import merge
from buqi.export.parity import LIMITS
from buqi.task import ROWS, Task, tokens


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
    assert not torch.allclose(merged(ids).logits, load_model(tiny)(ids).logits, atol=1e-2), (
        "the adapter changes something"
    )
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


def spoil(adapter, target, name, content=None):
    shutil.copytree(adapter, target, ignore=shutil.ignore_patterns("checkpoint-*", "runs"))
    if content is None:
        (target / name).unlink()
    else:
        (target / name).write_bytes(content)
    return target


def test_broken_adapters_are_refused(adapter, tiny, tmp_path):
    weights = (adapter / "adapter_model.safetensors").read_bytes()
    cut = spoil(adapter, tmp_path / "cut", "adapter_model.safetensors", weights[: len(weights) // 2])
    with pytest.raises(BuqiError, match=r"bytes, .* were written \(seal.json\); train, merge or fetch it again"):
        merge(str(tiny), cut, tmp_path / "m")
    (cut / "seal.json").unlink()
    with pytest.raises(BuqiError, match="broken or not safetensors"):
        merge(str(tiny), cut, tmp_path / "m")
    pickled = spoil(adapter, tmp_path / "pickled", "adapter_model.safetensors")
    (pickled / "adapter_model.bin").write_bytes(b"pickle")
    with pytest.raises(UsageError, match="expected adapter_config"):
        merge(str(tiny), pickled, tmp_path / "m")
    with pytest.raises(UsageError, match="no such adapter"):
        merge(str(tiny), tmp_path / "none", tmp_path / "m")


def test_adapter_of_another_size_that_names_no_base(adapter, tmp_path, tmp_path_factory):
    from tests.conftest import make_tiny

    target = spoil(adapter, tmp_path / "foreign", "run.json")
    (target / "seal.json").unlink()
    wide = make_tiny(tmp_path_factory.mktemp("wide"), hidden=32)
    with pytest.raises(BuqiError, match="does not fit this base"):
        merge(str(wide), target, tmp_path / "m")
    assert not (tmp_path / "m").exists()


def test_adapter_without_effect_is_refused(adapter, tiny, tmp_path):
    from safetensors.torch import load_file, save_file

    target = spoil(adapter, tmp_path / "zero", "seal.json")
    zero = {
        k: torch.zeros_like(v) if "lora_B" in k else v
        for k, v in load_file(adapter / "adapter_model.safetensors").items()
    }
    save_file(zero, target / "adapter_model.safetensors")
    with pytest.raises(BuqiError, match="answers as its base does"):
        merge(str(tiny), target, tmp_path / "m")
