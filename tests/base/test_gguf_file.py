from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch
from gguf import GGUFReader
from safetensors import SafetensorError
from safetensors.torch import load, save_file

from buqi.base import gguf_file, load_model, load_tokenizer, resolve
from buqi.errors import BuqiError, UsageError
from buqi.export.gguf_writer import TYPES, write_gguf


def write(base: Path, folder: Path, extra_output: bool = False) -> Path:
    """Write a model as an fp32 GGUF file; with ``extra_output`` the output matrix apart, and zeros as embedding."""
    shutil.copytree(base, folder)
    if extra_output:
        weights = load((folder / "model.safetensors").read_bytes())
        weights["lm_head.weight"] = weights["model.embed_tokens.weight"]
        weights["model.embed_tokens.weight"] = torch.zeros_like(weights["lm_head.weight"])
        save_file(weights, folder / "model.safetensors", {"format": "pt"})
    write_gguf(folder, folder / "m.gguf", TYPES[32])
    return folder / "m.gguf"


@pytest.mark.parametrize("extra_output", [False, True])
def test_logits_tokens_and_template_survive(tiny, tmp_path, cache, extra_output):
    path = write(tiny, tmp_path / "m", extra_output)
    assert ("output.weight" in {tensor.name for tensor in GGUFReader(path).tensors}) == extra_output
    folder = resolve(str(path))
    one, other = load_model(tiny), load_model(folder)
    tokenizer, again = load_tokenizer(tiny), load_tokenizer(folder)
    assert again.chat_template == tokenizer.chat_template
    assert other.config.tie_word_embeddings
    assert other.num_parameters() == one.num_parameters()
    ids = tokenizer("<|im_start|>地址 1<|im_end|>")["input_ids"]
    assert again("<|im_start|>地址 1<|im_end|>")["input_ids"] == ids
    x = torch.tensor([ids])
    torch.testing.assert_close(one(x).logits, other(x).logits)
    assert resolve(str(path)) == folder, "converted once"


def test_other_architecture_and_broken_files_are_refused(tiny, tmp_path, cache):
    path, broken = write(tiny, tmp_path / "m"), tmp_path / "cut.gguf"
    path.write_bytes(path.read_bytes().replace(b"qwen2", b"llama"))
    with pytest.raises(BuqiError, match="architecture 'llama'"):
        resolve(str(path))
    broken.write_bytes(path.read_bytes()[:300])
    with pytest.raises(BuqiError, match="not a readable GGUF"):
        resolve(str(broken))
    with pytest.raises(UsageError, match="no such"):
        resolve(str(tmp_path / "none.gguf"))
    assert not list((cache / "base").glob("*/*"))


def test_a_file_that_contradicts_itself_is_named_and_not_kept(tiny, tmp_path, cache):
    path = write(tiny, tmp_path / "m")
    data, key = bytearray(path.read_bytes()), b"qwen2.block_count"
    at = data.index(key) + len(key) + 4  # behind its type
    data[at : at + 4] = (1).to_bytes(4, "little")
    path.write_bytes(data)
    with pytest.raises(BuqiError, match=rf"^{path}: qwen2.block_count is 1, the file has tensors of 2 layers"):
        resolve(str(path))
    assert not list(cache.rglob("*.safetensors"))


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("qwen2.block_count", 1 << 31, "qwen2.block_count is 2147483648, the file has tensors of 2 layers"),
        ("qwen2.rope.scaling.type", "yarn", "qwen2.rope.scaling.type is 'yarn'; only 'none' is read"),
        ("qwen2.attention.key_length", 32, "key_length is 32; only 16 is read"),
    ],
)
def test_a_file_that_says_more_than_is_read_is_refused(tiny, tmp_path, cache, monkeypatch, key, value, message):
    path, field = write(tiny, tmp_path / "m"), gguf_file._field

    def read(reader, name, other=None):
        return value if name == key else field(reader, name, other)

    monkeypatch.setattr(gguf_file, "_field", read)
    with pytest.raises(BuqiError, match=f"m.gguf: .*{message}"):
        resolve(str(path))


def test_what_llama_cpp_may_leave_out_is_filled_in(tiny, tmp_path, cache, monkeypatch):
    path, field, left_out = write(tiny, tmp_path / "m"), gguf_file._field, ("rope.freq_base", "attention.head_count_kv")

    def read(reader, name, other=None):
        return other if name.endswith(left_out) else field(reader, name, other)

    monkeypatch.setattr(gguf_file, "_field", read)
    gguf_file._write_config(GGUFReader(path), tmp_path)
    written = json.loads((tmp_path / "config.json").read_text())
    assert written["num_key_value_heads"] == 4 and written["rope_parameters"]["rope_theta"] == 10000.0


def test_a_full_disk_is_not_taken_for_a_broken_file(tiny, tmp_path, cache, monkeypatch):
    def full(*_, **__):
        raise SafetensorError("Error while serializing: I/O error: No space left on device (os error 28)")

    path = write(tiny, tmp_path / "m")
    monkeypatch.setattr("safetensors.numpy.save_file", full)
    with pytest.raises(OSError, match="No space left on device"):
        resolve(str(path))
