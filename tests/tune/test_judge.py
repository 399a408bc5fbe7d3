"""A judge learns to choose, each way, and what is saved is an ordinary adapter."""

from __future__ import annotations

import json

import pytest
from peft import PeftModel

from buqi.base import load_model
from buqi.engine.choice import Choice
from buqi.errors import UsageError
from buqi.tune.judge import read_choices, train_judge

ROWS = [Choice(f"text {n}", ("yes", "no", "maybe"), 1) for n in range(8)]


@pytest.mark.parametrize("way", ["contrast", "answer", "number"])
def test_learns_to_choose(tiny, tmp_path, way):
    metrics = train_judge(tiny, ROWS, ROWS[:3], tmp_path / way, way, seconds=4.0, learning_rate=2e-2)
    record = json.loads((tmp_path / way / "run.json").read_text())
    assert metrics["right"] == 1.0
    assert metrics["nats"] < record["metrics"]["before"]["nats"]
    assert record["judge"]["way"] == way
    PeftModel.from_pretrained(load_model(tiny), tmp_path / way)


def test_refuses(tiny, tmp_path):
    with pytest.raises(UsageError, match="expected one of"):
        train_judge(tiny, ROWS, [], tmp_path / "x", way="guess")
    assert not (tmp_path / "x").exists()


def test_reads_rows(tmp_path, tiny):
    (tmp_path / "rows.jsonl").write_text('{"text": "a", "candidates": ["b", "c"], "right": 1}\n', encoding="utf-8")
    assert read_choices(tmp_path / "rows.jsonl") == [Choice("a", ("b", "c"), 1)]
