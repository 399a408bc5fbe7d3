from __future__ import annotations

from pathlib import Path

import pytest

from buqi.config import load_config, make_config, notes
from buqi.config.files import parse_overrides
from buqi.errors import UsageError
from tests.config import MINIMUM

TUTORIAL = Path(__file__).parents[2] / "configs" / "lora_argument_0p5b.json"


def test_the_tutorials_json_reads_with_its_comments():
    config = load_config(TUTORIAL)
    assert "#" in TUTORIAL.read_text(encoding="utf-8")
    assert config.rows_per_step == 16
    assert config.learning_rate == 3e-4
    assert (config.lora_rank, config.alpha, len(config.target_modules)) == (8, 16, 7)
    assert config.best_metric == "accuracy"
    said = "\n".join(notes(config, gpu=False))
    for key in ("fp16", "recompute", "unified_checkpoint", "eval_accumulation_steps"):
        assert key in said


def test_every_mistake_is_listed_at_once():
    five = MINIMUM | {
        "learing_rate": 1,
        "lora_r": 8,
        "per_device_train_batch_size": "many",
        "load_best_model_at_end": True,
        "fp16": True,
        "bf16": True,
    }
    with pytest.raises(UsageError) as caught:
        make_config(five)
    text = str(caught.value)
    assert "mistakes" in text
    assert "learing_rate: no such key; did you mean learning_rate?" in text
    assert "lora_r: no such key; did you mean lora" in text
    assert "per_device_train_batch_size: expected" in text
    assert "'many'" in text
    assert "fp16 and bf16" in text
    assert "load_best_model_at_end needs" in text
    assert caught.value.exit_code == 2


def test_both_names_of_the_strategy():
    base = MINIMUM | {"do_eval": True}
    assert make_config(base | {"eval_strategy": "epoch"}).evaluation_strategy == "epoch"
    assert make_config(base | {"evaluation_strategy": "epoch", "eval_strategy": "epoch"}).evaluation_strategy == "epoch"
    with pytest.raises(UsageError, match="given twice"):
        make_config(base | {"evaluation_strategy": "epoch", "eval_strategy": "steps"})


def test_overrides():
    assert parse_overrides(["--learning-rate", "1e-4", "--lora", "--target_modules=q_proj,v_proj"]) == {
        "learning_rate": "1e-4",
        "lora": "true",
        "target_modules": "q_proj,v_proj",
    }
    config = make_config(MINIMUM | parse_overrides(["--target_modules", "q_proj,v_proj", "--lora_alpha", "null"]))
    assert config.target_modules == ("q_proj", "v_proj")
    with pytest.raises(UsageError, match="stray"):
        parse_overrides(["stray"])
