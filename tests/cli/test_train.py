"""``train`` as a person types it: the plan, the mistakes, the figures."""

from __future__ import annotations

import json

from tests.helpers import buqi, settings


def test_train_check_prints_the_plan_and_writes_nothing(tiny, tmp_path, data):
    config = tmp_path / "c.json"
    config.write_text(json.dumps(settings(tiny, data, tmp_path / "out", fp16=True)) + "# the end")
    done = buqi("train", config, "--check", "--learning-rate", "0.5", "--warmup_steps=99")
    assert "18 of 4 rows, 3 epochs" in done.stderr
    assert "learning rate 0.5" in done.stderr
    assert "fp32" in done.stderr
    assert "never reaches its value" in done.stderr
    few = buqi("train", config, "--check", "--max_steps", 2, "--evaluation_strategy", "no").stderr
    assert "2 of 4 rows (max_steps), 8 of 24 rows" in few and "epochs" not in few
    assert "24 of 4 rows (max_steps), 4 epochs" in buqi("train", config, "--check", "--max_steps", 24).stderr
    assert not (tmp_path / "out").exists()


def test_train_lists_five_mistakes_and_exits_2(tiny, tmp_path, data):
    config = tmp_path / "c.json"
    bad = settings(tiny, data, tmp_path / "out") | {"lora_rnk": 8, "seed": "x", "pissa": True, "dora": True}
    bad |= {"fp16": True, "bf16": True, "src_length": 9999}
    config.write_text(json.dumps(bad))
    text = buqi("train", config, code=2).stderr
    assert "5 mistakes" in text
    assert "did you mean lora_rank?" in text


def test_train_from_the_command_line_alone(tiny, tmp_path, data):
    words = [f"--{k}={v}" for k, v in settings(tiny, data, tmp_path / "out", num_train_epochs=1).items()]
    done = buqi("train", *words)
    assert "dev_exact_match" in done.stdout
    assert "rows/s" in done.stdout


def test_brackets_of_the_user_are_shown_and_a_broken_list_is_named(tiny, tmp_path, data):
    config = tmp_path / "c.json"
    config.write_text(json.dumps(settings(tiny, data, tmp_path / "out", target_modules=".*[qv]_proj")))
    assert ".*[qv]_proj" in buqi("train", config, "--check").stderr
    assert "expected a JSON list" in buqi("train", config, "--target_modules", "[q_proj", code=2).stderr
