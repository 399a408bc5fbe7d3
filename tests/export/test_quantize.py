"""A GGUF file that our reader and llama.cpp open, that answers as the folder does, and is never left half-written."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import torch
from gguf import GGUFReader

from buqi.base import load_model, load_tokenizer, resolve
from buqi.base.gguf_file import write_folder
from buqi.engine.llama_engine import LlamaEngine, task_in
from buqi.errors import BuqiError, UsageError
from buqi.export import quantize as module
from buqi.export.quantize import modelfile, quantize
from buqi.synthesis import build_rows, counties_of
from buqi.task import ADDRESS, Task


@pytest.fixture(scope="module")
def folder(tiny, tmp_path_factory) -> Path:
    """The tiny model with a task, as `buqi merge` leaves it."""
    target = tmp_path_factory.mktemp("merged") / "m"
    load_model(tiny).save_pretrained(target)
    tokenizer = load_tokenizer(tiny)
    tokenizer.save_pretrained(target)
    ADDRESS.save(target, tokenizer)
    return target


def test_exact_types_are_exact(folder, tmp_path):
    found = quantize(folder, tmp_path / "m.gguf", 32)
    assert found.parity.largest_difference < 1e-4 and found.equal_answers == 1.0
    (tmp_path / "back").mkdir()
    write_folder(tmp_path / "m.gguf", tmp_path / "back")
    one, other = load_model(folder).state_dict(), load_model(tmp_path / "back").state_dict()
    assert one.keys() == other.keys() and all(torch.equal(one[key], other[key]) for key in one)
    here, there = load_tokenizer(folder), load_tokenizer(tmp_path / "back")
    text = "<|im_start|>user\n碑林区1号<|im_end|>"
    assert here(text)["input_ids"] == there(text)["input_ids"]
    assert here.chat_template == there.chat_template


@pytest.mark.parametrize(("bits", "types"), [(8, {"Q8_0"}), (4, {"Q4_1", "Q8_0"})])
def test_quantised_files_say_what_they_are(folder, tmp_path, bits, types):
    path = tmp_path / "out" / "m.gguf"
    found = quantize(folder, path, bits, texts=("碑林区", "扶风"))
    tensors = {t.name: t.tensor_type.name for t in GGUFReader(path).tensors}
    assert {kind for name, kind in tensors.items() if name.startswith("blk") and "norm" not in name} - {"F32"} <= types
    assert "output.weight" not in tensors  # tied
    record = json.loads((path.parent / "m.parity.json").read_text())
    assert record["bytes"] == path.stat().st_size == found.size
    assert record["as_expected"] == (record["logits"]["equal_choices"] >= found.expected)
    assert record["logits"]["passed"] and record["logits"]["tolerance"] is None, "JSON has no infinity"
    assert sorted(p.name for p in path.parent.iterdir()) == ["m.Modelfile", "m.gguf", "m.parity.json", "m.seal.json"]
    (task, template), tokenizer = task_in(path), load_tokenizer(folder)
    assert task == ADDRESS and template == tokenizer.chat_template
    assert path.with_name("m.Modelfile").read_text(encoding="utf-8") == modelfile(path, ADDRESS, tokenizer)


def test_rows_of_the_task_make_4_bits_better(folder, tmp_path):
    asked, said = [], []

    def calibration(task):
        asked.append(task)
        return build_rows(counties_of("西安市"), 12)

    plain = quantize(folder, tmp_path / "plain.gguf", 4, texts=("碑林区",))
    found = quantize(folder, tmp_path / "m.gguf", 4, texts=("碑林区",), calibration=calibration, say=said.append)
    assert asked == [ADDRESS] and "calibrating, row 12 of 12" in said
    assert found.parity.mean_difference < plain.parity.mean_difference
    quantize(folder, tmp_path / "m8.gguf", 8, texts=("碑林区",), calibration=calibration)
    assert asked == [ADDRESS], "8 bits need no rows"


def test_refusals_leave_nothing(folder, tmp_path, monkeypatch):
    out = tmp_path / "m.gguf"
    with pytest.raises(UsageError, match="expected one of 4, 8, 16, 32"):
        quantize(folder, out, 5)
    with pytest.raises(UsageError, match="must end in .gguf"):
        quantize(folder, tmp_path / "m.bin", 8)
    (tmp_path / "adapter").mkdir()
    (tmp_path / "adapter" / "adapter_config.json").write_text("{}")
    with pytest.raises(UsageError, match="merge it first"):
        quantize(tmp_path / "adapter", out, 8)
    monkeypatch.setitem(module.LEAST_EQUAL, 4, 1.01)
    with pytest.raises(BuqiError, match="was not written"):
        quantize(folder, out, 4, texts=("x",))

    def full(*_: object) -> None:
        out.with_name(f".{out.name}.part").write_text("half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module, "write_gguf", full)
    with pytest.raises(OSError, match="No space left"):
        quantize(folder, out, 8)
    assert not out.exists() and not list(tmp_path.glob("*.json"))


def test_a_file_that_changed_is_not_run(folder, tmp_path, cache):
    path = tmp_path / "m.gguf"
    quantize(folder, path, 8, texts=("x",))
    resolve(str(path))
    data = bytearray(path.read_bytes())
    data[-5] ^= 1
    path.write_bytes(data)
    for opened in (LlamaEngine, lambda path: resolve(str(path)), task_in):
        with pytest.raises(BuqiError, match=r"m.gguf: not the bytes .*m.seal.json.*; if .* delete m.seal.json"):
            opened(path)
    (tmp_path / "m.seal.json").unlink()
    task_in(path)
    quantize(folder, path, 8, texts=("x",), overwrite=True)
    resolve(str(path))


def test_an_existing_file_stays_unless_told(folder, tmp_path):
    (tmp_path / "m.gguf").write_text("mine")
    with pytest.raises(UsageError, match="--overwrite"):
        quantize(folder, tmp_path / "m.gguf", 8)
    assert (tmp_path / "m.gguf").read_text() == "mine"


@pytest.mark.parametrize(
    "template",
    [
        ADDRESS.template,
        "按 {{省}}{{市}} 的格式补齐: {text}",
        "{{{{{text}}}}} end",
        '"""x"""{text}""',
        '{text} say {{ "{{" }} "',
    ],
)
def test_ollama_writes_a_prompts_braces_and_quotes(folder, tmp_path, template):
    task, tokenizer = Task("rows", template), load_tokenizer(folder)
    text = modelfile(tmp_path / "m.gguf", task, tokenizer)
    body = text.split('TEMPLATE """', 1)[1]
    body = body[: body.index('"""')]  # where Ollama's reader ends it
    assert text.startswith("FROM ./m.gguf\n") and text.count('"""') == 2
    assert as_go_writes(body, "碑林区1号") == task.prompt_text(tokenizer, ["碑林区1号"])


def as_go_writes(template: str, prompt: str) -> str:
    """Execute actions that are a quoted text or .Prompt, as Go's text/template reads them."""
    out, at = [], 0
    while (start := template.find("{{", at)) >= 0:
        out.append(template[at:start])
        action = re.compile(r'\{\{ (?:(\.Prompt)|"((?:\\.|[^"\\])*)") \}\}').match(template, start)
        assert action, template[start : start + 20]
        out.append(prompt if action[1] else action[2].replace('\\"', '"'))
        at = action.end()
    return "".join([*out, template[at:]])
