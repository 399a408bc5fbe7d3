"""Adapters summed, rounded, and taken to llama.cpp answer as they should."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from peft import LoraConfig, get_peft_model
from safetensors import safe_open

from buqi.artefact import attach_adapter
from buqi.base import load_model, load_tokenizer
from buqi.engine import TorchEngine
from buqi.engine.llama_engine import LlamaEngine, task_in
from buqi.errors import BuqiError, UsageError
from buqi.export import gguf_lora as module
from buqi.export import merge
from buqi.export.combine import combine
from buqi.export.gguf_lora import export_lora, write_lora
from buqi.export.gguf_writer import write_gguf
from buqi.task import ADDRESS
from tests.conftest import make_tiny


def make_adapter(base: Path, target: Path, seed: int, std: float = 0.3, **options: object) -> Path:
    torch.manual_seed(seed)
    settings: dict = {"r": 4, "lora_alpha": 8, "target_modules": ["q_proj", "down_proj"], "task_type": "CAUSAL_LM"}
    tuned = get_peft_model(load_model(base), LoraConfig(**settings | options))
    for name, parameter in tuned.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(parameter, std=std)
    tuned.save_pretrained(target, save_embedding_layers=False)
    ADDRESS.save(target, load_tokenizer(base))
    return target


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


def test_what_cannot_be_summed_is_refused(tiny, other_tiny, tmp_path):
    one, other = make_adapter(tiny, tmp_path / "one", 1), make_adapter(tiny, tmp_path / "other", 2, r=2)
    dora = make_adapter(tiny, tmp_path / "dora", 3, use_dora=True)
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
    theirs = LlamaEngine(tmp_path / "base.gguf", {"a": tmp_path / "a.gguf"}, slots=2, threads=1)
    # 12 tokens: a random model's near ties fall either way later on
    for name in ("base", "a"):
        here = [answer.text for answer in ours.generate(prompts, 12, name)]
        there = [answer.text for answer in theirs.generate(prompts, 12, name)]
        assert here == there
    assert any(answer.text for answer in ours.generate(prompts, 12, "a")), "the adapter says something"
    plain = LlamaEngine(tmp_path / "base.gguf", {"a": tmp_path / "a.gguf"}, slots=2, threads=1, copying=False)
    assert plain.generate(prompts, 12, "a") == theirs.generate(prompts, 12, "a"), "guessing changes no answer"
    assert theirs.tokenizer(prompts[0])["input_ids"] == ours.tokenizer(prompts[0])["input_ids"]


@pytest.mark.parametrize("options", [{}, {"use_rslora": True}, {"alpha_pattern": {"down_proj": 3}}])
def test_an_adapters_file_is_proven_before_it_is_kept(tiny, tmp_path, monkeypatch, options):
    adapter = make_adapter(tiny, tmp_path / "a", 5, **options)
    layers, parity = export_lora(adapter, tiny, tmp_path / "a.gguf")
    assert layers == 4 and parity.passed and parity.largest_difference < 1e-4
    assert json.loads((tmp_path / "a.parity.json").read_text())["passed"]
    monkeypatch.setattr(module, "_scale", lambda *_: 0.1)
    with pytest.raises(BuqiError, match="was not written"):
        export_lora(adapter, tiny, tmp_path / "b.gguf")
    with pytest.raises(UsageError, match="--overwrite"):
        export_lora(adapter, tiny, tmp_path / "a.gguf")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a", "a.gguf", "a.parity.json"]


def test_dora_has_no_gguf(tiny, tmp_path):
    with pytest.raises(BuqiError, match="merge it instead"):
        write_lora(make_adapter(tiny, tmp_path / "d", 1, use_dora=True), tmp_path / "d.gguf")


def test_adapters_come_and_go_on_llamacpp_and_share_a_batch(tmp_path):
    tiny = make_tiny(tmp_path / "tiny", merges=(("s", "a"),))
    write_gguf(tiny, tmp_path / "base.gguf", ("F32", "F32"))
    for seed, name in ((5, "a"), (6, "b")):
        write_lora(make_adapter(tiny, tmp_path / name, seed, std=3.0), tmp_path / f"{name}.gguf")
    prompts = [ADDRESS.prompt_text(load_tokenizer(tiny), ["碑林区1号"])] * 3
    engine = LlamaEngine(tmp_path / "base.gguf", {"a": tmp_path / "a.gguf"}, slots=2, threads=1, most_adapters=2)
    engine.add("b", tmp_path / "b.gguf")
    alone = [engine.generate(prompts[:1], 12, name)[0] for name in ("a", "base", "b")]
    assert len({answer.text for answer in alone}) == 3
    told: dict[int, str] = {}
    mixed = engine.generate(
        prompts, 12, ["a", "base", "b"], written=lambda i, text: told.update({i: told.get(i, "") + text})
    )
    assert mixed == alone and [told.get(i, "").strip() for i in range(3)] == [a.text for a in alone]
    with pytest.raises(UsageError, match="no more than 2"):
        engine.add("c", tmp_path / "b.gguf")
    running = engine._held  # a request that has begun keeps what it began with
    engine.remove("a")
    assert running.adapters.keys() == {"a", "b"} and engine.adapters == ["b"]
    assert engine.generate(prompts[:1], 12, "b")[0] == alone[2]
    with pytest.raises(UsageError, match="'a' is not loaded; loaded: base, b"):
        engine.generate(prompts, 12, ["b", "a", "base"])
    (tmp_path / "broken.gguf").write_bytes(b"GGUF broken")
    with pytest.raises(BuqiError, match="cannot open it"):
        engine.add("x", tmp_path / "broken.gguf")
    assert engine.adapters == ["b"] and engine.adapter_bytes("b") == (tmp_path / "b.gguf").stat().st_size
