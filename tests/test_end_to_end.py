"""The real base: packs equal padded rows, the tutorial's JSON trains, what was trained is what is merged and asked."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from peft import LoraConfig, PeftModel, get_peft_model
from rich.console import Console
from transformers import AutoModelForCausalLM, AutoTokenizer

from buqi.answering import AnswerOptions, WritingAnswerer
from buqi.artefact import read_run
from buqi.base import load_model, load_tokenizer
from buqi.cli.model import describe
from buqi.config import load_config
from buqi.engine.llama_engine import LlamaEngine, task_in
from buqi.engine.packs import make_pack
from buqi.export import merge
from buqi.export.quantize import quantize
from buqi.loading import SHIPPED, adapter_for, load
from buqi.machine import MemoryTaken
from buqi.rows import split_rows, write_rows
from buqi.synthesis import build_rows, counties_of
from buqi.task import ADDRESS, tokens
from buqi.tune.loss import pack_loss
from buqi.tune.plan import make_plan
from buqi.tune.run import train
from tests.engine.test_packs import gradients, padded_loss
from tests.helpers import logits, trained_logits

TUTORIAL = Path(__file__).parent.parent / "configs" / "lora_argument_0p5b.json"
TEXTS = ["碑林区扬子江南路467-6号", "扶风法门镇法门寺"]
WRITTEN = ["陕西省西安市碑林区扬子江南路467-6号", "陕西省宝鸡市扶风县法门镇法门寺"]


@pytest.fixture(scope="module", autouse=True)
def _all_cores() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(os.cpu_count() or 1)
    yield
    torch.set_num_threads(before)


def test_the_embedded_base_is_tied_and_whole(real_base):
    record = describe(real_base)
    assert record["parameters"] == 494_032_768
    assert record["tied"]
    assert record["fingerprint"] == "a3ea5d5e54f31622"
    tokenizer = load_tokenizer(real_base)
    prompt = ADDRESS.prompt_text(tokenizer, TEXTS[:1])
    assert prompt == (
        "<|im_start|>system\nYou are Qwen, created by Alibaba Cloud. You are a helpful assistant.<|im_end|>\n"
        "<|im_start|>user\n补齐五级行政地址: 碑林区扬子江南路467-6号<|im_end|>\n<|im_start|>assistant\n"
    )
    assert tokenizer.decode(tokens(tokenizer, prompt)) == prompt
    assert len(ADDRESS.encode(tokenizer, TEXTS[:1], ["陕西省西安市碑林区扬子江南路467-6号"]).ids) == 67 - 1


def test_packed_loss_and_gradients_equal_padded_on_the_real_base(real_base):
    tokenizer = load_tokenizer(real_base)
    rows = [ADDRESS.encode(tokenizer, r.src, r.tgt) for r in build_rows(counties_of("宝鸡市"), 2)]
    torch.manual_seed(0)
    lora = LoraConfig(task_type="CAUSAL_LM", r=8, target_modules=["q_proj", "v_proj", "down_proj"])
    model = get_peft_model(load_model(real_base), lora)
    for name, parameter in model.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(parameter, std=0.01)
    count = sum(sum(r.trained) for r in rows)
    plain, packed = padded_loss(model, rows) / count, pack_loss(model, make_pack(rows))[0] / count
    assert packed.item() == pytest.approx(plain.item(), abs=3e-5)  # fp32 with AVX2 alone: 1.3e-5
    one, other = gradients(model, plain), gradients(model, packed)
    assert len(one) == 24 * 3 * 2
    for name in one:
        torch.testing.assert_close(one[name], other[name], atol=1e-5, rtol=1e-3, msg=name)


@pytest.fixture(scope="module")
def adapter(tmp_path_factory):
    """The tutorial's JSON with its two paths changed, cut to a few steps."""
    root = tmp_path_factory.mktemp("real")
    rows = build_rows(counties_of("西安市,宝鸡市"), 90)
    for name, chosen in split_rows(rows, ADDRESS).items():
        write_rows(root / "data" / f"{name}.json", chosen)
    changes = {"dataset_name_or_path": root / "data", "output_dir": root / "out", "recompute": False, "max_steps": 6}
    changes |= {"warmup_steps": 0, "exact_match_rows": 4, "learning_rate": 1e-3, "gradient_accumulation_steps": 4}
    words = [f"--{key}={value}" for key, value in changes.items()]
    taken = MemoryTaken()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("buqi.tune.trainer.ANSWER_TOKENS", 32)
        result = train(make_plan(load_config(TUTORIAL, words)), Console(file=io.StringIO()))
    return root / "out", result, taken.mb


def test_the_tutorials_json_trains(adapter):
    folder, result, taken_mb = adapter
    log = [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]
    losses = [r["loss"] for r in log if "loss" in r]
    assert len(losses) == 6
    assert losses[-1] < losses[0] / 2
    assert result.metrics["dev_accuracy"] > 0.7
    assert 0 < taken_mb / 1000 < 6
    assert result.peak_memory_gb > taken_mb / 1000
    assert read_run(folder)["trainable"] == 4_399_104, "PaddleNLP's r 8 on all linear layers"
    assert read_run(folder)["packing"]["exact"] and result.packed, "whatever half precision rounds"


@pytest.fixture(scope="module")
def merged(adapter, tmp_path_factory):
    """The adapter merged into the base, the prompts, and what base and adapter answer."""
    target = tmp_path_factory.mktemp("merged") / "m"
    assert merge("embedded", adapter[0], target).passed
    engine = load("embedded", adapter[0]).engine
    prompts = [ADDRESS.prompt_text(engine.tokenizer, [text]) for text in TEXTS]
    base, tuned = ([a.text for a in engine.generate(prompts, 24, name)] for name in ("base", "tuned"))
    assert base != tuned
    return target, prompts, tuned


@pytest.mark.long
def test_llamacpp_answers_as_the_adapter_does(merged, tmp_path):
    folder, prompts, tuned = merged
    found = quantize(folder, tmp_path / "m.gguf", 8)
    assert found.parity.equal_choices >= 0.97
    assert found.size < 540e6
    llama = LlamaEngine(tmp_path / "m.gguf", slots=2)
    assert [a.text for a in llama.generate(prompts, 24)] == tuned
    assert task_in(tmp_path / "m.gguf")[0] == ADDRESS


@pytest.mark.long
def test_plain_libraries_answer_as_the_adapter_does(merged, adapter, real_base):
    folder, prompts, tuned = merged
    plain = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(real_base, dtype=torch.float32), adapter[0])
    whole = AutoModelForCausalLM.from_pretrained(folder)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    for model in (plain, whole):
        for prompt, answer in zip(prompts, tuned, strict=True):
            batch = tokenizer(prompt, return_tensors="pt", add_special_tokens=False)
            out = model.generate(**batch, max_new_tokens=24, do_sample=False)
            assert tokenizer.decode(out[0, batch["input_ids"].shape[1] :], skip_special_tokens=True).strip() == answer


def test_the_adapter_that_ships_writes_the_tutorials_addresses(real_base):
    chosen = load("embedded", adapter_for("embedded", None))
    prompts = [chosen.task.prompt_text(chosen.engine.tokenizer, [text]) for text in TEXTS]
    assert [a.text for a in chosen.engine.generate(prompts, 40, "tuned")] == WRITTEN


def test_the_adapter_that_ships_chooses_the_tutorials_places(real_base):
    answerer = WritingAnswerer(AnswerOptions("generate", engine="torch"))
    found = answerer.answer([*TEXTS, "开发区1号"])
    assert [reply.full for reply in found[:2]] == WRITTEN and found[1].town == "法门镇"
    assert all(reply.confidence > 0.9 for reply in found[:2]) and found[2].province == ""


@pytest.mark.long
def test_the_adapter_that_ships_computes_as_in_plain_peft_and_merges(real_base, tmp_path):
    plain = AutoModelForCausalLM.from_pretrained(real_base, dtype=torch.float32)
    peft = PeftModel.from_pretrained(plain, SHIPPED)
    assert {p.dtype for p in peft.parameters()} == {torch.float32}, "fp16 on the disk alone"
    expected = logits(peft)
    engine = load("embedded", SHIPPED, "torch-fp32").engine
    engine.model.set_adapter(engine.model.active_adapter)
    torch.testing.assert_close(logits(engine.model), expected, atol=1e-4, rtol=0)
    assert merge("embedded", SHIPPED, tmp_path / "m").passed


SWITCHES = {
    "pissa": {"pissa": True},
    "zero_padding": {"zero_padding": True},
    "nf4": {"weight_quantize_algo": "nf4"},
    "full": {"lora": False, "learning_rate": 1e-5},
}


@pytest.mark.long
@pytest.mark.parametrize("switch", SWITCHES)
def test_the_tutorials_json_trains_with_its_other_switches(adapter, real_base, tmp_path, monkeypatch, switch):
    seen = trained_logits(monkeypatch)
    changes = {
        "dataset_name_or_path": adapter[0].parent / "data",
        "output_dir": tmp_path,
        "recompute": False,
        "max_steps": 2,
        "warmup_steps": 0,
        "gradient_accumulation_steps": 2,
        "do_eval": False,
        "evaluation_strategy": "no",
        "save_strategy": "no",
        "load_best_model_at_end": False,
        "fp16": False,  # on CPUs with units for bf16 logits would be rounded; the test above trains so
        "fp16_opt_level": "O1",
    } | SWITCHES[switch]
    words = [f"--{key}={value}" for key, value in changes.items()]
    train(make_plan(load_config(TUTORIAL, words)), Console(file=io.StringIO()))
    if switch == "nf4":  # its logits are those on the quantised base
        assert (tmp_path / "adapter_model.safetensors").is_file()
        return
    base = tmp_path if switch == "full" else real_base
    plain = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32)
    opened = plain if switch == "full" else PeftModel.from_pretrained(plain, tmp_path)
    assert torch.allclose(logits(opened), seen[0], atol=1e-4)
