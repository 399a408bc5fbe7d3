"""``quantize`` writes a GGUF file and says what changed."""

from __future__ import annotations

import json
import shutil

import pytest

from buqi.base import load_tokenizer
from buqi.task import ADDRESS, Task
from tests.conftest import write_jsonl
from tests.helpers import buqi


def test_quantize(tiny, tmp_path):
    rows = write_jsonl(tmp_path / "rows.json", [{"src": "补齐五级行政地址: 碑林区1号", "tgt": "x"}])
    words = ["quantize", tiny, "--rows", rows, "--out", tmp_path / "m.gguf"]
    done = buqi(*words, "--bits", 16)
    assert "of 1 answer " in done.stdout and "m.Modelfile" in done.stderr
    assert "--overwrite" in buqi(*words, code=2).stderr
    found = json.loads(buqi(*words, "--overwrite", "--json").stdout)
    assert found["types"] == {"layers": "Q8_0", "embedding": "Q8_0"}


@pytest.mark.parametrize(("task", "noted"), [(ADDRESS, False), (Task("rows", "Say: {text}"), True)])
def test_a_model_of_another_task_should_not_be_asked_addresses(tiny, tmp_path, task, noted):
    shutil.copytree(tiny, tmp_path / "m")
    task.save(tmp_path / "m", load_tokenizer(tiny))
    rows = write_jsonl(tmp_path / "rows.json", [{"src": "Say: 1", "tgt": "x"}])
    said = buqi("quantize", tmp_path / "m", "--bits", 16, "--out", tmp_path / "m.gguf").stderr
    assert ("name texts of its own with --rows" in said) == noted
    words = ["quantize", tmp_path / "m", "--bits", 16, "--out", tmp_path / "n.gguf", "--rows", rows]
    assert "note" not in buqi(*words).stderr
