"""Headers are compared with configurations before anything is allocated."""

from __future__ import annotations

import json

import pytest
import torch
from safetensors.torch import load, save_file

from buqi.artefact import ADAPTER_CONFIG, WEIGHTS, attach_adapter, check_adapter
from buqi.base import fingerprint, load_model
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
    change_json(adapter / ADAPTER_CONFIG, **values)
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
    assert finite(torch.full((1000,), 3e38)) and finite(torch.full((1000,), 6e4, dtype=torch.float16))
    assert finite(torch.ones(3, dtype=torch.int32)) and finite(torch.ones(0))
    assert not finite(torch.tensor([3e38, 3e38, float("nan")]))


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


PROJ = "base_model.model.model.layers.0.self_attn.q_proj"


@pytest.mark.parametrize(
    ("extra", "message"),
    [
        ({f"{PROJ}.bias": 64}, "PEFT has no place for .*q_proj.bias and would pass over it"),
        ({"base_model.model.score.weight": 64}, "PEFT has no place for score.weight"),
        ({"base_model.model.model.norm.base_layer.weight": 64}, "PEFT has no place for model.norm.base_layer"),
        ({f"{PROJ}.lora_B.bias": 64}, r"lora_B.bias' is no factor that PEFT reads"),
        ({f"{PROJ}.lora_A.default.weight": 64}, "is no factor that PEFT reads"),
        ({f"{PROJ}.lora_magnitude_vector": 64}, "is DoRA's, and adapter_config.json says use_dora false"),
    ],
)
def test_a_tensor_that_peft_passes_over_is_refused(tiny, adapter, extra, message):
    weights = load((adapter / WEIGHTS).read_bytes())
    save_file(weights | {name: torch.ones(size) for name, size in extra.items()}, adapter / WEIGHTS)
    with pytest.raises(BuqiError, match=message):
        check_adapter(adapter, tiny)


def test_what_peft_reads_beside_the_factors_is_taken(tiny, adapter, tmp_path):
    weights = load((adapter / WEIGHTS).read_bytes())
    base, size = "base_model.model.model.layers.0", 64
    biases = {f"{base}.self_attn.q_proj.base_layer.bias": size, f"{base}.input_layernorm.weight": size}
    save_file(weights | {name: torch.ones(size) for name, size in biases.items()}, adapter / WEIGHTS)
    check_adapter(adapter, tiny, alone=True)
    with pytest.raises(BuqiError, match=r"holds 1 of the base's biases .* merge it first"):
        check_adapter(adapter, tiny)
    loaded = attach_adapter(load_model(tiny), adapter).get_submodule(f"{base}.self_attn.q_proj.base_layer")
    assert torch.equal(loaded.bias, torch.ones(size))


def test_an_adapter_that_would_change_the_base_for_others_is_refused(tiny, adapter):
    weights, own = load((adapter / WEIGHTS).read_bytes()), load((tiny / "model.safetensors").read_bytes())
    for name, plain in (
        ("model.norm.weight", "model.norm.weight"),
        ("lm_head.weight", "model.embed_tokens.weight"),
        ("model.layers.0.self_attn.q_proj.base_layer.weight", "model.layers.0.self_attn.q_proj.weight"),
    ):
        for value in (own[plain].clone(), own[plain] + 1):
            save_file(weights | {f"base_model.model.{name}": value}, adapter / WEIGHTS)
            check_adapter(adapter, tiny, alone=True)
            if value.equal(own[plain]):
                check_adapter(adapter, tiny)
                continue
            with pytest.raises(BuqiError, match=f"holds .*{name}, a matrix of the base, which would change for all"):
                check_adapter(adapter, tiny)


def test_an_adapter_of_integers_is_refused(tiny, adapter):
    weights = load((adapter / WEIGHTS).read_bytes())
    save_file({name: value.mul(100).to(torch.int8) for name, value in weights.items()}, adapter / WEIGHTS)
    with pytest.raises(BuqiError, match="holds torch.int8 and no fractions; save it again"):
        check_adapter(adapter, tiny)


def test_dora_without_its_lengths_is_refused(tiny, tmp_path):
    adapter = make_adapter(tiny, tmp_path / "a", 1, use_dora=True)
    check_adapter(adapter, tiny)
    weights = load((adapter / WEIGHTS).read_bytes())
    save_file({name: value for name, value in weights.items() if "magnitude" not in name}, adapter / WEIGHTS)
    with pytest.raises(BuqiError, match="has no lora_magnitude_vector beside it"):
        check_adapter(adapter, tiny)


def test_a_pointer_of_git_lfs_is_named(tiny, adapter):
    (adapter / WEIGHTS).write_text("version https://git-lfs.github.com/spec/v1\noid sha256:abc\nsize 123\n")
    with pytest.raises(BuqiError, match="a pointer of Git LFS, not the weights; run git lfs pull"):
        check_adapter(adapter, tiny)


def test_a_file_of_very_many_tensors_is_refused_at_once(tmp_path):
    empty = {"dtype": "F32", "shape": [0], "data_offsets": [0, 0]}
    header = json.dumps({f"x{n}": empty for n in range(60_000)}).encode()
    (tmp_path / "x.safetensors").write_bytes(len(header).to_bytes(8, "little") + header)
    with pytest.raises(BuqiError, match="it names 60,000 tensors; no model has over 50,000"):
        shapes_in(tmp_path / "x.safetensors")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"target_modules": ["q_proj"]}, r"has factors of .*down_proj, which .* does not name.*pass over"),
        ({"exclude_modules": ["q_proj"]}, r"has factors of .*q_proj, which .* does not name"),
        ({"layers_to_transform": [0]}, r"has factors of model\.layers\.1\..*, which .* does not name"),
        ({"target_modules": ["q_proj", "down_proj", "up_proj"]}, r"names .*up_proj.* no factors of it"),
    ],
)
def test_an_adapter_whose_names_are_not_its_factors_is_refused(tiny, adapter, values, message):
    change_json(adapter / ADAPTER_CONFIG, **values)
    with pytest.raises(BuqiError, match=message):
        check_adapter(adapter, tiny)
