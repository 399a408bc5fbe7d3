from __future__ import annotations

import json
import shutil

import numpy as np
import pytest
from gguf import GGUFReader, GGUFWriter, dequantize

from buqi.base import load_model
from buqi.errors import BuqiError
from buqi.export.gguf_writer import TYPES, gguf_name, write_gguf
from tests.helpers import change_json


def test_names():
    assert gguf_name("model.layers.3.self_attn.q_proj.bias") == "blk.3.attn_q.bias"
    with pytest.raises(BuqiError, match="not one of a Qwen2 model"):
        gguf_name("model.layers.3.experts.0.weight")


@pytest.mark.parametrize("bits", sorted(TYPES))
def test_each_layer_has_its_type_and_values_near_the_folders(tiny, tmp_path, bits):
    done = []
    write_gguf(tiny, tmp_path / "m.gguf", TYPES[bits], lambda number, of: done.append((number, of)))
    tensors = {tensor.name: tensor for tensor in GGUFReader(tmp_path / "m.gguf").tensors}
    assert done[-1] == (len(tensors), len(tensors))
    for name, value in load_model(tiny).named_parameters():
        tensor = tensors[gguf_name(name)]
        wanted = "F32" if value.ndim == 1 else TYPES[bits][name == "model.embed_tokens.weight"]
        assert tensor.tensor_type.name == wanted, name
        found = dequantize(tensor.data, tensor.tensor_type).reshape(value.shape)
        spread = float(value.detach().abs().max())
        assert np.abs(found - value.detach().numpy()).max() <= spread * {4: 0.1, 8: 0.01, 16: 1e-3, 32: 0}[bits]


def test_another_architecture_is_named(tmp_path):
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "llama"}))
    with pytest.raises(BuqiError, match="architecture 'llama'; expected qwen2"):
        write_gguf(tmp_path, tmp_path / "m.gguf", TYPES[8])


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"hidden_act": "gelu"}, "config.json says hidden_act gelu, which the GGUF file would not say"),
        ({"rope_parameters": {"rope_type": "yarn", "factor": 4.0}}, "config.json says rope_type yarn"),
        ({"rope_parameters": None, "rope_scaling": {"type": "linear"}}, "config.json says rope_type linear"),
        ({"layer_types": ["full_attention", "sliding_attention"]}, "says layer_types sliding_attention"),
        ({"head_dim": 32}, "config.json says head_dim 32"),
        ({"rope_parameters": {"rope_theta": "x"}}, "config.json cannot be written as GGUF"),
        ({"max_position_embeddings": -1}, "a number of config.json is too large"),
    ],
)
def test_a_model_that_a_file_cannot_hold_is_refused(tiny, tmp_path, values, message):
    shutil.copytree(tiny, tmp_path / "m")
    change_json(tmp_path / "m" / "config.json", **values)
    with pytest.raises(BuqiError, match=message):
        write_gguf(tmp_path / "m", tmp_path / "m.gguf", TYPES[16])


def test_a_file_whose_last_bytes_the_disk_lost_is_refused(tiny, tmp_path, monkeypatch):
    def lost(writer):
        written(writer)
        (tmp_path / "m.gguf").write_bytes((tmp_path / "m.gguf").read_bytes()[:-40])

    written = GGUFWriter.close
    monkeypatch.setattr(GGUFWriter, "close", lost)
    with pytest.raises(BuqiError, match="a file was not written whole .*; make room and try again"):
        write_gguf(tiny, tmp_path / "m.gguf", TYPES[16])
