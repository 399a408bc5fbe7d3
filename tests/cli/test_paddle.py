"""Adapters of PaddleNLP come in and go out by command."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest
from typer.testing import CliRunner

from buqi.base import load_tokenizer
from buqi.cli.main import app
from buqi.errors import UsageError
from buqi.export.paddle_format import read_adapter
from buqi.task import ADDRESS, Task
from tests.helpers import PADDLE, make_paddle_base


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    return make_paddle_base(tmp_path_factory.mktemp("paddle"))


def test_there_and_back(base, tmp_path):
    on = ["--model_name_or_path", str(base), "--output_path"]
    done = CliRunner().invoke(app, ["import-paddle", str(PADDLE / "unified"), *on, str(tmp_path / "a")])
    assert done.exit_code == 0, done.output
    assert "LoRA, 6 layers; largest logit difference from PaddleNLP's formula" in done.stdout
    assert Task.load(tmp_path / "a", load_tokenizer(base)) == ADDRESS
    back = CliRunner().invoke(app, ["export-paddle", str(tmp_path / "a"), *on, str(tmp_path / "back")])
    assert back.exit_code == 0 and "LoRA, 6 layers, scale" in back.stdout
    one, other = read_adapter(PADDLE / "unified"), read_adapter(tmp_path / "back")
    assert one.scaling == other.scaling
    assert all(np.allclose(one.factors[k].a, other.factors[k].a, atol=1e-6) for k in one.factors)
    assert all(np.allclose(one.factors[k].b, other.factors[k].b, atol=1e-6) for k in one.factors)
    again = CliRunner().invoke(app, ["export-paddle", str(tmp_path / "a"), *on, str(tmp_path / "back")])
    assert isinstance(again.exception, UsageError) and "exists" in str(again.exception)


def test_its_prompt_and_its_kind_are_kept(base, tmp_path):
    words = ["import-paddle", str(PADDLE / "pissa"), "--model_name_or_path", str(base)]
    done = CliRunner().invoke(app, [*words, "--output_path", str(tmp_path / "a"), "--prompt_template", "Say {text}"])
    assert done.exit_code == 0, done.output
    assert "PiSSA, now a LoRA of the original base" in done.stdout
    assert Task.load(tmp_path / "a", load_tokenizer(base)) == Task("rows", "Say {text}")


def test_the_same_base_of_another_cache_needs_no_note(base, tmp_path, monkeypatch):
    shutil.copytree(PADDLE / "unified", tmp_path / "paddle")
    monkeypatch.setenv("BUQI_CACHE", str(tmp_path / "cache"))
    shutil.copytree(base, here := tmp_path / "cache" / "base" / "gguf-0123456789ab")
    config = tmp_path / "paddle" / "lora_config.json"
    for name, noted in (("gguf-0123456789ab", False), ("gguf-ffffffffffff", True)):
        config.write_text(json.dumps(json.loads(config.read_text()) | {"base_model_name_or_path": f"/there/{name}"}))
        words = ["import-paddle", str(tmp_path / "paddle"), "--model_name_or_path", str(here), "--output_path"]
        done = CliRunner().invoke(app, [*words, str(tmp_path / name)])
        assert done.exit_code == 0 and ("note: it says it was trained on" in done.output) == noted, done.output


def test_its_own_base_by_another_name_needs_no_note(base, tmp_path, monkeypatch):
    shutil.copytree(PADDLE / "unified", tmp_path / "paddle")
    config = tmp_path / "paddle" / "lora_config.json"
    words = ["import-paddle", str(tmp_path / "paddle"), "--model_name_or_path", base.name, "--output_path"]
    monkeypatch.chdir(base.parent)
    for name, noted in ((str(base), False), (base.name, False), ("owner/other", True)):
        config.write_text(json.dumps(json.loads(config.read_text()) | {"base_model_name_or_path": name}))
        done = CliRunner().invoke(app, [*words, str(tmp_path / name.replace("/", "_"))])
        assert done.exit_code == 0 and ("note: it says it was trained on" in done.output) == noted, done.output
