from __future__ import annotations

import pytest
from gguf import GGUFReader, dequantize

from buqi.engine.llama_engine import task_in
from buqi.errors import BuqiError
from buqi.export.merge import merge
from buqi.loading import gguf_cache
from buqi.loading.gguf_cache import gguf_of, lora_of, merged_of
from buqi.task import ADDRESS
from tests.helpers import make_adapter


def test_the_same_weights_are_written_once(tiny, other_tiny, cache, monkeypatch):
    path = gguf_of(tiny)
    assert path.parent.parent == cache / "gguf" and path.stat().st_size > 0
    other = gguf_of(other_tiny)
    assert other != path
    monkeypatch.setattr(gguf_cache, "write_gguf", lambda *_: pytest.fail("written again"))
    assert gguf_of(tiny) == path and gguf_of(other_tiny) == other


def test_a_file_that_rotted_is_made_again(tiny, cache):
    path = gguf_of(tiny)
    data = path.read_bytes()
    path.write_bytes(data[:-9] + bytes([data[-9] ^ 1]) + data[-8:])
    assert gguf_of(tiny) == path and path.read_bytes() == data


def test_an_adapter_too_with_its_task(tiny, tmp_path, cache, monkeypatch):
    adapter = make_adapter(tiny, tmp_path / "a", 1)
    path = lora_of(adapter)
    assert task_in(path)[0] == ADDRESS
    monkeypatch.setattr(gguf_cache, "write_lora", lambda *_: pytest.fail("written again"))
    assert lora_of(adapter) == path


def test_an_adapter_is_merged_as_buqi_merge_does(tiny, tmp_path, cache, monkeypatch):
    adapter = make_adapter(tiny, tmp_path / "a", 1, std=0.5, alpha_pattern={"down_proj": 32})
    path = merged_of(tiny, adapter)
    merge(str(tiny), adapter, tmp_path / "merged")
    assert path.parent.parent == cache / "gguf" and task_in(path)[0] == ADDRESS
    one, other = GGUFReader(path), GGUFReader(gguf_of(tmp_path / "merged"))
    for tensor, same in zip(one.tensors, other.tensors, strict=True):
        close = dequantize(same.data, same.tensor_type)
        assert tensor.name == same.name
        assert abs(dequantize(tensor.data, tensor.tensor_type) - close).max() <= abs(close).max() / 100
    monkeypatch.setattr(gguf_cache, "write_gguf", lambda *_, **__: pytest.fail("written again"))
    assert merged_of(tiny, adapter) == path


def test_a_broken_conversion_leaves_nothing(tiny, tmp_path, cache):
    with pytest.raises(BuqiError, match="DoRA"):
        lora_of(make_adapter(tiny, tmp_path / "d", 1, use_dora=True))
    assert not list((cache / "gguf").iterdir())
