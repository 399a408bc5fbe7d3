from __future__ import annotations

from pathlib import Path

import pytest

from buqi.config import load_config, make_config, notes
from buqi.config.files import parse_overrides
from buqi.config.keys import ALIASES, CALLED_ELSEWHERE, LINEAR, Config
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
    assert "lora_r: no such key; did you mean lora_rank?" in text
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


def refused(path, text):
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        load_config(path)
    return str(caught.value)


def test_spaces_of_web_pages_are_spaces(tmp_path):
    path = tmp_path / "c.json"
    path.write_text(
        '{\n\u00a0\u00a0"dataset_name_or_path": "d\u00a0e",\u3000# as a browser copies it\n'
        '\u00a0\u00a0"output_dir": "o", "do_train": true\n}',
        encoding="utf-8",
    )
    assert load_config(path).dataset_name_or_path == "d\u00a0e"


def test_odd_characters_of_yaml_are_named(tmp_path):
    told = refused(tmp_path / "c.yaml", "do_train: true\n\u00a0\u00a0lora: true\n")
    assert "line 2: U+00A0 (no-break space) stands where YAML has a space" in told
    assert "line 1: U+FF1A" in refused(tmp_path / "c.yaml", "lora： true\n")


@pytest.mark.parametrize("word", ["all", "all-linear", ["all"], ["all-linear"]])
def test_all_means_every_linear_layer(word):
    assert make_config(MINIMUM | {"lora": True, "target_modules": word}).target_modules == LINEAR


def test_names_of_other_toolkits_lead_to_ours():
    assert set(CALLED_ELSEWHERE.values()) <= Config.model_fields.keys()
    assert not CALLED_ELSEWHERE.keys() & {*Config.model_fields, *ALIASES}
    with pytest.raises(UsageError, match=r"gradient_checkpointing: no such key; did you mean recompute\?"):
        make_config({"gradient_checkpointing": True})
