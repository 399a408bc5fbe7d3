"""JSON from elsewhere is a record or one sentence with the file's name."""

from __future__ import annotations

import json
import os

import pytest

from buqi.errors import BuqiError
from buqi.foreign import (
    OF_BASE,
    AdapterFile,
    BaseFile,
    IndexFile,
    ObjectFile,
    PaddleFile,
    RunFile,
    StateFile,
    TaskFile,
    parsed,
)

GOOD = {"peft_type": "LORA", "r": 4, "lora_alpha": 8, "target_modules": ["q_proj", "model.layers.0.mlp.up_proj"]}
KINDS = [AdapterFile, BaseFile, IndexFile, ObjectFile, PaddleFile, RunFile, StateFile, TaskFile, *OF_BASE.values()]


@pytest.mark.parametrize("kind", dict.fromkeys(KINDS))
def test_no_kind_takes_what_is_no_object(tmp_path, kind):
    path = tmp_path / "x.json"
    bad = ["[]", '"text"', "1", "null", "", "{", "[" * 100_000, '{"a":' * 100_000, '{"a": ' + "9" * 5_000 + "}"]
    for data in [*map(str.encode, bad), b"\xff{}", os.urandom(50)]:
        path.write_bytes(data)
        with pytest.raises(BuqiError, match="x.json: (broken|expected an object)") as caught:
            parsed(path, kind)
        assert "\n" not in str(caught.value) and len(str(caught.value)) < 400
    with pytest.raises(BuqiError, match="cannot be read"):
        parsed(tmp_path / "none", kind)


@pytest.mark.parametrize(
    "change",
    [
        {"target_modules": "(a+)+$"},
        {"target_modules": ["(a+)+$"]},
        {"target_modules": []},
        {"target_modules": None},
        {"exclude_modules": "(a+)+$"},
        {"layers_pattern": "(a|a)*"},
        {"rank_pattern": {"(a+)+$": 4}},
        {"rank_pattern": {"q_proj": -1}},
        {"alpha_pattern": {"q_proj": float("nan")}},
        {"r": 10**9},
        {"r": 0},
        {"r": "4e4"},
        {"r": [4]},
        {"lora_alpha": float("inf")},
        {"lora_dropout": 2},
        {"peft_type": "IA3"},
        {"layer_replication": [[0, 1000000]]},
        {"bias": {"x": 1}},
        {"lora_alpha": "16"},
        {"use_dora": "false"},
    ],
)
def test_an_adapter_names_modules_and_asks_for_ranks(tmp_path, change):
    path = tmp_path / "adapter_config.json"
    path.write_text(json.dumps(GOOD))
    assert parsed(path, AdapterFile).r == 4
    path.write_text(json.dumps(GOOD | change))
    with pytest.raises(BuqiError, match=rf"adapter_config.json: {next(iter(change))}"):
        parsed(path, AdapterFile)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"peft_type": "LOHA"}, "peft_type: no adapter of LoRA; plain LoRA, rsLoRA and DoRA are read"),
        ({"target_modules": "all-linear"}, "target_modules: no list of modules; write their names there"),
        ({"rank_pattern": {r".*\.q_proj": 8}}, "write names of modules, no regular expressions"),
        ({"trainable_token_indices": [1, 2]}, "the adapter has rows of the embedding beside LoRA"),
        ({"trainable_token_indices": []}, "the adapter has rows of the embedding beside LoRA"),
        ({"lora_bias": True}, "lora_bias: a kind of LoRA that is not read"),
        ({"alora_invocation_tokens": [1, 2]}, "alora_invocation_tokens: a kind of LoRA that is not read"),
        ({"use_qalora": True}, "use_qalora: a kind of LoRA that is not read"),
        ({"use_bdlora": {"nblocks": 2}}, "use_bdlora: a kind of LoRA that is not read"),
    ],
)
def test_an_adapter_of_another_kind_is_refused_in_words(tmp_path, change, said):
    path = tmp_path / "adapter_config.json"
    path.write_text(json.dumps(GOOD | change))
    with pytest.raises(BuqiError) as caught:
        parsed(path, AdapterFile)
    assert said in str(caught.value)
    path.write_text(json.dumps(GOOD | {key: None for key in change if key not in GOOD}))
    assert parsed(path, AdapterFile).r == 4, "what is off says nothing"


def test_an_index_names_files_of_its_folder(tmp_path):
    path = tmp_path / "i.json"
    for name in ("../x.safetensors", "/x.safetensors", "x.bin"):
        path.write_text(json.dumps({"weight_map": {"a": name}}))
        with pytest.raises(BuqiError, match="weight_map"):
            parsed(path, IndexFile)


def test_a_huge_file_is_not_read(tmp_path):
    with (tmp_path / "x").open("wb") as file:
        file.truncate(1 << 30)
    with pytest.raises(BuqiError, match="1074 MB"):
        parsed(tmp_path / "x", ObjectFile)


def test_a_long_key_does_not_make_a_long_message(tmp_path):
    for key in ("rank_pattern", "alpha_pattern"):
        (tmp_path / "x.json").write_text(json.dumps(GOOD | {key: {"k" * 300_000: "x"}}))
        with pytest.raises(BuqiError) as caught:
            parsed(tmp_path / "x.json", AdapterFile)
        assert len(str(caught.value)) < 600


@pytest.mark.parametrize(
    ("kind", "record"),
    [
        (TaskFile, {"name": "rows", "template": "{text}", "system": None, "end_token": "x" * 5000}),
        (TaskFile, {"name": "rows", "template": "{text}", "system": None, "chat_template": "x" * 5000}),
        (RunFile, {"base": {"fingerprint": "x" * 5000}}),
        (BaseFile, {"model_type": "qwen2", "num_labels": 1 << 31}),
    ],
)
def test_a_value_that_would_make_a_long_message_or_a_huge_table_is_refused(tmp_path, kind, record):
    (tmp_path / "x.json").write_text(json.dumps(record))
    with pytest.raises(BuqiError) as caught:
        parsed(tmp_path / "x.json", kind)
    assert len(str(caught.value)) < 600
