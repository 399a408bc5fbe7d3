from __future__ import annotations

import json
from dataclasses import replace

import pytest
from safetensors.torch import load_file, save_file

from buqi.artefact import WEIGHTS
from buqi.base import load_tokenizer
from buqi.engine import TorchEngine
from buqi.engine.llama_engine import LlamaEngine, task_in
from buqi.errors import BuqiError, UsageError
from buqi.export import gguf_lora as module
from buqi.export.factors import read_factors
from buqi.export.gguf_lora import export_lora, write_lora
from buqi.export.gguf_writer import write_gguf
from buqi.task import ADDRESS
from tests.conftest import make_tiny
from tests.helpers import make_adapter


@pytest.mark.parametrize(
    "options", [{}, {"use_rslora": True}, {"rank_pattern": {"q_proj": 2}, "alpha_pattern": {"down_proj": 3}}]
)
def test_gguf_lora_answers_in_llamacpp_as_in_torch(tmp_path, options):
    tiny = make_tiny(tmp_path / "tiny", merges=(("s", "a"),))  # llama.cpp opens no tokenizer without merges
    adapter = make_adapter(tiny, tmp_path / "a", 5, std=3.0, **options)
    write_gguf(tiny, tmp_path / "base.gguf", ("F32", "F32"))
    assert write_lora(adapter, tmp_path / "a.gguf") == 4
    assert task_in(tmp_path / "a.gguf")[0] == ADDRESS
    prompts = [ADDRESS.prompt_text(load_tokenizer(tiny), [text]) for text in ("碑林区1号", "扶风", "雁塔区小寨")]
    ours = TorchEngine(tiny, {"a": adapter})
    theirs = LlamaEngine(tmp_path / "base.gguf", {"a": tmp_path / "a.gguf"}, slots=2)
    # 12 tokens: a random model's near ties fall either way later on
    for name in ("base", "a"):
        here = [answer.text for answer in ours.generate(prompts, 12, name)]
        there = [answer.text for answer in theirs.generate(prompts, 12, name)]
        assert here == there
    assert any(answer.text for answer in ours.generate(prompts, 12, "a")), "the adapter says something"
    plain = LlamaEngine(tmp_path / "base.gguf", {"a": tmp_path / "a.gguf"}, slots=2, reuse=False)
    assert plain.generate(prompts, 12, "a") == theirs.generate(prompts, 12, "a"), "guessing changes no answer"
    assert theirs.tokenizer(prompts[0])["input_ids"] == ours.tokenizer(prompts[0])["input_ids"]


@pytest.mark.parametrize("options", [{}, {"use_rslora": True}, {"alpha_pattern": {"down_proj": 3}}])
def test_an_adapters_file_is_proven_before_it_is_kept(tiny, tmp_path, monkeypatch, options):
    adapter = make_adapter(tiny, tmp_path / "a", 5, **options)
    layers, parity = export_lora(adapter, tiny, tmp_path / "a.gguf")
    assert layers == 4 and parity.passed and parity.largest_difference < 1e-4
    assert json.loads((tmp_path / "a.parity.json").read_text())["passed"]
    config, factors = read_factors(adapter, "llama.cpp")
    wrong = config, {layer: replace(found, scale=0.1) for layer, found in factors.items()}
    monkeypatch.setattr(module, "read_factors", lambda *_: wrong)
    with pytest.raises(BuqiError, match="was not written"):
        export_lora(adapter, tiny, tmp_path / "b.gguf")
    with pytest.raises(UsageError, match="--overwrite"):
        export_lora(adapter, tiny, tmp_path / "a.gguf")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a", "a.gguf", "a.parity.json", "a.seal.json"]


def test_an_adapter_in_bfloat16_has_a_gguf_too(tiny, tmp_path):
    adapter = make_adapter(tiny, tmp_path / "a", 5)
    rounded = {name: value.bfloat16() for name, value in load_file(adapter / WEIGHTS).items()}
    save_file(rounded, adapter / WEIGHTS)
    layers, parity = export_lora(adapter, tiny, tmp_path / "a.gguf")
    assert layers == 4 and parity.passed


def test_the_proof_is_computed_on_the_cpu_where_the_factors_are(tiny, tmp_path, monkeypatch):
    devices = []
    load = module.load_model
    monkeypatch.setattr(module, "load_model", lambda folder, device=None: devices.append(device) or load(folder))
    export_lora(make_adapter(tiny, tmp_path / "a", 5), tiny, tmp_path / "a.gguf")
    assert devices == ["cpu", "cpu"], "also beside a GPU"
