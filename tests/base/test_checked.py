"""A base is whole, fits its configuration and has its tokenizer, or is refused in a sentence."""

from __future__ import annotations

import hashlib
import json
import shutil

import pytest
import torch
from safetensors.torch import load, save_file

from buqi.base import load_model, load_tokenizer, resolve
from buqi.base.checked import OF_BASE, check_base, check_blobs
from buqi.errors import BuqiError
from buqi.seal import seal
from tests.helpers import change_json


@pytest.fixture
def base(tiny, tmp_path):
    shutil.copytree(tiny, tmp_path / "base")
    return tmp_path / "base"


def test_a_base_without_its_tokenizer_is_refused(base):
    check_base(base, whole=True)
    (base / "tokenizer.json").unlink()
    with pytest.raises(BuqiError, match="without its tokenizer: expected tokenizer.json"):
        resolve(str(base))
    (base / "tokenizer.json").write_text('{"version": "1.0"}')
    with pytest.raises(BuqiError, match="tokenizer cannot be read|knows 0 tokens"):
        load_tokenizer(base)
    (base / "tokenizer.json").write_text("[" * 100_000)
    with pytest.raises(BuqiError, match="tokenizer cannot be read"):
        load_tokenizer(base)


@pytest.mark.parametrize("values", [{"hidden_size": 1 << 20}, {"num_hidden_layers": 9_000}, {"vocab_size": 1 << 24}])
def test_a_configuration_of_another_model_is_refused(base, values):
    change_json(base / "config.json", **values)
    with pytest.raises(BuqiError, match="config.json says"):
        resolve(str(base))


@pytest.mark.parametrize("name", OF_BASE)
@pytest.mark.parametrize("text", ["[]", '"x"', "[" * 100_000])
def test_json_that_is_none_is_named(base, name, text):
    (base / name).write_text(text)
    with pytest.raises(BuqiError, match=f"{name}: (broken|expected an object)"):
        resolve(str(base))


def test_weights_that_are_cut_missing_or_no_numbers_are_refused(base):
    path = base / "model.safetensors"
    weights, data = load(path.read_bytes()), path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    with pytest.raises(BuqiError, match="broken or not safetensors"):
        resolve(str(base))
    save_file({name: value for name, value in weights.items() if "1.mlp.up" not in name}, path, {"format": "pt"})
    with pytest.raises(BuqiError, match="1 tensors are missing .*up_proj.*they would be random"):
        load_model(base)
    weights["model.norm.weight"][3] = float("nan")
    save_file(weights, path, {"format": "pt"})
    with pytest.raises(BuqiError, match="model.norm.weight holds numbers that are not finite"):
        load_model(base)
    seal(base)
    assert torch.isnan(load_model(base).model.norm.weight).any(), "a sealed base was checked when it was written"


def test_an_index_that_names_a_missing_file_is_refused(base):
    record = {"weight_map": {"a": "model-00001-of-00002.safetensors"}}
    (base / "model.safetensors.index.json").write_text(json.dumps(record))
    with pytest.raises(BuqiError, match="names model-00001-of-00002.safetensors, which is not there"):
        resolve(str(base))


def test_a_hubs_file_is_known_by_its_name(base):
    path = base / "model.safetensors"
    blob = base / hashlib.sha256(path.read_bytes()).hexdigest()
    path.rename(blob)
    path.symlink_to(blob)
    check_blobs(base)
    blob.write_bytes(blob.read_bytes()[:-5])
    with pytest.raises(BuqiError, match="not the bytes that the hub has; removed"):
        resolve(str(base), whole=True)
    assert not blob.exists() and not path.is_symlink()


@pytest.mark.parametrize(
    "values",
    [
        {"rope_parameters": {"rope_theta": -1.0}},
        {"rope_parameters": {"rope_theta": "x"}},
        {"rope_theta": 0.0},
        {"rms_norm_eps": -1.0},
        {"max_position_embeddings": -1},
    ],
)
def test_numbers_with_which_nothing_is_computed_are_refused(base, values):
    change_json(base / "config.json", **values)
    with pytest.raises(BuqiError, match=f"config.json: {next(iter(values))}.*, found"):
        resolve(str(base))
