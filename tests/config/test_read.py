from __future__ import annotations

from pathlib import Path

import pytest

from buqi.config import load_config, make_config, notes
from buqi.config.files import parse_overrides
from buqi.config.keys import LINEAR
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


@pytest.mark.parametrize("word", ["eval_strategy", "save_strategy"])
def test_no_of_yaml_is_the_strategy_no(tmp_path, word):
    path = tmp_path / "c.yaml"
    path.write_text(f"dataset_name_or_path: d\noutput_dir: o\ndo_train: true\n{word}: no\n")
    config = load_config(path)
    assert config.evaluation_strategy == "no" and config.save_strategy == ("no" if "save" in word else "steps")


def test_values_are_taken_as_other_tools_write_them(monkeypatch):
    monkeypatch.setenv("HOME", "/home/me")
    given = {"report_to": ["none"], "optim": "adamw_torch", "output_dir": "~/x", "dataset_name_or_path": "~/d"}
    config = make_config(MINIMUM | given | {"lora": True, "target_modules": ["q_proj", "q_proj"]})
    assert (config.report_to, config.output_dir, config.dataset_name_or_path) == ("none", "/home/me/x", "/home/me/d")
    assert config.target_modules == ("q_proj",)
    for wrong in ({"report_to": ["none", "wandb"]}, {"optim": "adamw_bnb_8bit"}):
        with pytest.raises(UsageError, match=next(iter(wrong))):
            make_config(MINIMUM | wrong)


def test_an_object_may_stand_on_the_command_line():
    words = ["--lora", "true", "--rank_pattern", '{"v_proj": 4}', "--prompt_template", "{text}"]
    config = make_config(MINIMUM | parse_overrides(words))
    assert config.rank_pattern == {"v_proj": 4} and config.prompt_template == "{text}"
    for wrong in ("{v_proj: 4}", "4", "[" * 100_000):
        with pytest.raises(UsageError, match="rank_pattern: expected names with a number each"):
            make_config(MINIMUM | {"lora": True, "rank_pattern": wrong})


def test_what_cannot_be_seen_in_a_key_is_shown():
    with pytest.raises(UsageError, match=r"'lora\\u200b': no such key; did you mean lora\?"):
        make_config(MINIMUM | {"lora\u200b": True})


def test_toml_is_named(tmp_path):
    assert "c.toml: TOML is not read; write the keys as JSON or YAML" in refused(tmp_path / "c.toml", "lora = true\n")
