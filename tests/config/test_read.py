from __future__ import annotations

import re
from pathlib import Path

import pytest

from buqi.config import Config, load_config, make_config, schema
from buqi.config_file import parse_overrides, strip_comments
from buqi.config_rules import notes
from buqi.errors import UsageError
from buqi.paddle_keys import DEFAULTS, WHY

TUTORIAL = Path(__file__).parent.parent / "configs" / "lora_argument_0p5b.json"
LEAST = {"dataset_name_or_path": "d", "output_dir": "o", "do_train": True, "lora": True}


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


@pytest.mark.parametrize(
    ("asked", "units", "half", "said"),
    [
        ({}, True, False, ""),
        ({"fp16": True}, False, False, "a CPU has no fast fp16"),
        ({"fp16": True}, True, True, "products in bf16, what is trained in fp32"),
        ({"bf16": True}, True, True, "products in bf16"),
        ({"bf16": True}, False, True, "slower than fp32 on this CPU"),
        ({"fp16": True, "weight_quantize_algo": "nf4"}, True, False, "a quantised base computes in fp32"),
    ],
)
def test_half_precision_is_used_where_the_cpu_gains_by_it(monkeypatch, asked, units, half, said):
    for module in ("buqi.config", "buqi.config_rules"):
        monkeypatch.setattr(f"{module}.fast_bf16", lambda: units)
    config = make_config(LEAST | asked)
    assert config.half == half
    assert said in "\n".join(notes(config, gpu=False))


def test_every_mistake_is_listed_at_once():
    five = LEAST | {
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


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"tensor_parallel_degree": 2}, "fits one device"),
        ({"pissa": True, "dora": True}, "choose one"),
        ({"lora": False, "pissa": True}, "only for LoRA"),
        ({"lora": False, "lora_plus_scale": 4}, "only for LoRA"),
        ({"pissa": True, "weight_quantize_algo": "nf4"}, "exact weights"),
        ({"lora_path": "x", "rslora": True}, "says its own"),
        ({"weight_double_quant": True}, "only for weight_quantize_algo"),
        ({"weight_quantize_algo": "nf4", "weight_blocksize": 32}, "blocks of 64"),
        ({"early_stopping_patience": 2}, "load_best_model_at_end"),
        ({"greedy_zero_padding": True}, "needs zero_padding"),
        ({"sharding": "stage2"}, "torchrun"),
        ({"use_mora": True}, "not among the methods"),
        ({"metric_for_best_model": "f1"}, "exact_match"),
        ({"metric_for_best_model": "exact_match", "load_best_model_at_end": True}, "eval_with_do_generation"),
        ({"src_length": 4096}, "larger than max_length"),
        ({"evaluation_strategy": "epoch"}, "do_eval"),
        ({"warmup_steps": 1, "warmup_ratio": 0.1}, "not both"),
        ({"do_train": False, "do_predict": True}, "buqi evaluate"),
        ({"fp16_opt_level": "O2"}, "needs fp16 or bf16"),
    ],
)
def test_contradictions(change, word):
    with pytest.raises(UsageError, match=word):
        make_config(LEAST | change)


def test_both_names_of_the_strategy():
    base = LEAST | {"do_eval": True}
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
    config = make_config(LEAST | parse_overrides(["--target_modules", "q_proj,v_proj", "--lora_alpha", "null"]))
    assert config.target_modules == ("q_proj", "v_proj")
    with pytest.raises(UsageError, match="stray"):
        parse_overrides(["stray"])


def test_comments_go_and_strings_stay():
    text = '{"a": "x#y//z", # one\n "b": 1 // two\n}'
    assert strip_comments(text).split("\n")[0] == '{"a": "x#y//z", '
    assert "two" not in strip_comments(text)


def test_broken_json_names_the_line(tmp_path):
    path = tmp_path / "c.json"
    path.write_text('{\n "a": 1\n "b": 2\n}')
    with pytest.raises(UsageError, match=r"c\.json:3"):
        load_config(path)
    path.write_text('{"a": 1, "a": 2}')
    with pytest.raises(UsageError, match="given twice"):
        load_config(path)


def test_every_key_is_used():
    """Outside its declaration and its refusals, every key is read; the others are refused unless harmless."""
    source = "".join(p.read_text(encoding="utf-8") for p in (Path(__file__).parent.parent / "buqi").rglob("*.py"))
    read = set(
        re.findall(r"\b(?:c|config|settings|self)\.([a-z_0-9]+)", re.sub(r"(?s)def _methods.*?def notes", "", source))
    )
    assert set(Config.model_fields) - read == {
        "weight_blocksize",  # bitsandbytes has one size
        "weight_double_quant_block_size",
        "tensor_parallel_degree",
        "pipeline_parallel_degree",
    }


def test_every_key_of_paddlenlp_is_known_and_harmless_at_its_default():
    config = make_config(LEAST | DEFAULTS)
    assert config == make_config(LEAST)
    for key, why in WHY.items():
        assert key not in Config.model_fields
        with pytest.raises(UsageError, match=re.escape(why)):
            make_config(LEAST | {key: "something else"})


def test_yaml_is_read_as_json(tmp_path):
    path = tmp_path / "c.yaml"
    path.write_text("dataset_name_or_path: d\noutput_dir: o\ndo_train: true\nlora: true\nlearning_rate: 3e-4\n")
    assert load_config(path).learning_rate == 3e-4
    path.write_text("lora: true\nlora: false\n")
    with pytest.raises(UsageError, match="given twice"):
        load_config(path)
    path.write_text("- a\n")
    with pytest.raises(UsageError, match="mapping"):
        load_config(path)


def test_schema_names_every_key():
    assert set(schema()["properties"]) == set(Config.model_fields)
