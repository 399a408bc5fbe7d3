"""The demo's configuration is one that trains, and what it has made it makes no second time."""

from __future__ import annotations

import pytest

from buqi.cli.demo import EXAMPLES, _build, _step, settings
from buqi.config import make_config
from buqi.errors import BuqiError
from buqi.rows import find_sets, read_rows
from buqi.task import ADDRESS, task_of
from tests.helpers import buqi


def test_its_configuration_is_taken(tmp_path):
    config = make_config(settings(tmp_path / "data", tmp_path / "adapter"), "demo")
    assert (config.model_name_or_path, config.method, config.rows_per_step) == ("embedded", "LoRA", 16)
    assert config.load_best_model_at_end and config.output_dir == str(tmp_path / "adapter")


def test_a_region_that_is_none_is_refused_before_anything_is_fetched(tmp_path):
    refused = buqi("demo", "--region", "火星", "--out", tmp_path / "d", code=2)
    assert "--region 火星" in refused.stderr and "1/6" not in refused.stdout and not (tmp_path / "d").exists()


def test_rows_are_made_once_for_a_region_and_a_number(tmp_path, capsys):
    _build(tmp_path / "data", "宝鸡市", 60)
    train = tmp_path / "data" / "train.json"
    first = train.read_bytes()
    rows = read_rows(train)
    assert len(rows) == 42 and set(find_sets(tmp_path / "data")) == {"train", "dev", "test"}
    assert task_of((row.where, row.src[0]) for row in rows) == ADDRESS
    assert all(example not in ADDRESS.text_of(row.src[0]) for row in rows for example in EXAMPLES)
    train.write_bytes(first + b"\n")
    _build(tmp_path / "data", "宝鸡市", 60)
    assert "already there" in capsys.readouterr().out and train.read_bytes() == first + b"\n"
    _build(tmp_path / "data", "宝鸡市", 80)
    assert len(read_rows(train)) == 56


def test_a_stop_says_that_the_same_command_goes_on():
    with pytest.raises(BuqiError, match="stopped; the same command goes on"), _step(3, "x"):
        raise KeyboardInterrupt


def test_a_stop_between_rows_and_stamp_leaves_no_stamp_of_other_rows(tmp_path, monkeypatch):
    _build(tmp_path, "宝鸡市", 60)

    def stop(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("buqi.seal.json.dumps", stop)
        with pytest.raises(KeyboardInterrupt):
            _build(tmp_path, "西安市", 60)
    assert not (tmp_path / "made_with.txt").exists()
    _build(tmp_path, "宝鸡市", 60)
    assert (tmp_path / "made_with.txt").read_text(encoding="utf-8") == "宝鸡市 60\n"
