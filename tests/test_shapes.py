"""Headers are compared with configurations before anything is allocated."""

from __future__ import annotations

import json

import pytest
import torch
from safetensors.torch import load, save_file

from buqi.artefact import CONFIG, WEIGHTS, check_adapter
from buqi.base import fingerprint
from buqi.errors import BuqiError
from buqi.shapes import finite, shapes_in, shapes_of
from tests.conftest import make_tiny
from tests.helpers import change_json, make_adapter


@pytest.fixture
def adapter(tiny, tmp_path):
    return make_adapter(tiny, tmp_path / "a", 1)


def test_a_file_that_may_not_be_read_is_not_called_broken(tmp_path):
    (tmp_path / "model.safetensors").mkdir()  # root may read all files
    for read in (shapes_of, fingerprint):
        with pytest.raises(BuqiError, match=r"model\.safetensors: cannot be read \(Is a directory\)"):
            read(tmp_path)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"r": 60_000}, "rank 60000 by adapter_config.json, but .* is 4×"),
        ({"rank_pattern": {"q_proj": 8}}, "rank 8 by"),
        ({"rank_pattern": {"up_proj": 50_000}}, "asks for a rank over 4"),
    ],
)
def test_a_rank_that_the_weights_have_not_is_refused(tiny, adapter, values, message):
    check_adapter(adapter, tiny)
    change_json(adapter / CONFIG, **values)
    with pytest.raises(BuqiError, match=message):
        check_adapter(adapter, tiny)


def test_a_rank_of_each_layer_is_read(tiny, tmp_path):
    check_adapter(make_adapter(tiny, tmp_path / "a", 1, rank_pattern={"q_proj": 2, "down_proj": 3}), tiny)
    check_adapter(make_adapter(tiny, tmp_path / "b", 1, rank_pattern={"layers.1.self_attn.q_proj": 9}), tiny)


def test_layers_of_another_base_are_refused(tiny, adapter, tmp_path):
    with pytest.raises(BuqiError, match="does not fit this base: .* is 64×4, the layer 32×128"):
        check_adapter(adapter, make_tiny(tmp_path / "small", hidden=32))
    weights = load((adapter / WEIGHTS).read_bytes())
    save_file({name.replace("layers.1.", "layers.7."): value for name, value in weights.items()}, adapter / WEIGHTS)
    with pytest.raises(BuqiError, match="has no layer model.layers.7"):
        check_adapter(adapter, tiny)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
def test_numbers_that_are_none_are_refused(tiny, adapter, value, dtype):
    weights = {name: tensor.to(dtype) for name, tensor in load((adapter / WEIGHTS).read_bytes()).items()}
    next(iter(weights.values()))[0, 0] = value
    save_file(weights, adapter / WEIGHTS)
    with pytest.raises(BuqiError, match="not finite"):
        check_adapter(adapter, tiny)


def test_large_numbers_are_finite():
    assert finite(torch, torch.full((1000,), 3e38)) and finite(torch, torch.full((1000,), 6e4, dtype=torch.float16))
    assert finite(torch, torch.ones(3, dtype=torch.int32)) and finite(torch, torch.ones(0))
    assert not finite(torch, torch.tensor([3e38, 3e38, float("nan")]))


def test_shapes_are_read_from_headers(tiny, tmp_path):
    assert shapes_of(tiny)["model.norm.weight"] == (64,)
    (tmp_path / "x.safetensors").write_bytes(b"\xff" * 99)
    with pytest.raises(BuqiError, match="broken or not safetensors"):
        shapes_in(tmp_path / "x.safetensors")


@pytest.mark.parametrize("name", ["../../x", "", "x" * 500, "model.layers.0.self_attn.q_proj.lora_A.weight"])
@pytest.mark.parametrize("half", ["lora_A", "lora_B"])
def test_a_half_that_lost_its_name_is_missed(tiny, adapter, name, half):
    weights = load((adapter / WEIGHTS).read_bytes())
    taken = next(known for known in weights if half in known)
    save_file({name if known == taken else known: value for known, value in weights.items()}, adapter / WEIGHTS)
    with pytest.raises(BuqiError, match="damaged|rank") as caught:
        check_adapter(adapter, tiny)
    assert len(str(caught.value)) < 500
    save_file({known: value for known, value in weights.items() if known != taken}, adapter / WEIGHTS)
    with pytest.raises(BuqiError, match="has no lora_. beside it"):
        check_adapter(adapter, tiny)


def test_a_file_of_very_many_tensors_is_refused_at_once(tmp_path):
    empty = {"dtype": "F32", "shape": [0], "data_offsets": [0, 0]}
    header = json.dumps({f"x{n}": empty for n in range(60_000)}).encode()
    (tmp_path / "x.safetensors").write_bytes(len(header).to_bytes(8, "little") + header)
    with pytest.raises(BuqiError, match="it names 60,000 tensors; no model has over 50,000"):
        shapes_in(tmp_path / "x.safetensors")
