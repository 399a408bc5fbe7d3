from __future__ import annotations

import pytest

from buqi.errors import BuqiError, UsageError
from buqi.loading import engines as module
from buqi.loading.engines import measured, pick, precision, remember


def test_auto_goes_by_file_and_measurement(cache):
    assert pick("auto", "m.gguf")[0] == "llamacpp"
    assert pick("auto", "folder")[0] == "torch" and measured() == {}
    remember({"torch": 2.0, "llamacpp": 0.5})
    assert pick("auto", "folder") == ("llamacpp", "4.0 times as fast here (buqi bench engines)")
    remember({"torch": 0.2, "llamacpp": 0.5})
    assert pick("auto", "folder")[0] == "torch"
    assert pick("llamacpp", "folder")[0] == "llamacpp"


def test_the_precision_is_the_one_asked_for_then_the_measured_then_what_the_cpu_has(cache, monkeypatch):
    for units, dtype in ((True, "bfloat16"), (False, "float32")):
        monkeypatch.setattr(module, "fast_bf16", lambda units=units: units)
        assert precision("auto")[0] == precision("torch")[0] == dtype
    assert (precision("torch-fp32")[0], precision("torch-bf16")[0]) == ("float32", "bfloat16")
    assert pick("torch-bf16", "folder") == ("torch", "asked for")
    remember({"torch-fp32": 2.0, "torch-bf16": 1.0})
    assert precision("torch") == ("bfloat16", "fastest here (buqi bench engines)")
    remember({"torch-fp32": 2.0, "torch-int8": 1.0, "torch": 1.0})
    assert precision("auto")[0] == "int8" and precision("torch-int8") == ("int8", "asked for")


def test_many_go_by_what_was_measured_of_many(cache, monkeypatch):
    monkeypatch.setattr(module, "find_spec", lambda _: True)
    assert pick("auto", "m.gguf", many=True) == ("llamacpp", "a .gguf file")
    remember({"torch": 1.0, "llamacpp": 2.0, "openvino": 0.5})
    assert pick("auto", "folder")[0] == "torch", "adapters cannot be added to OpenVINO"
    assert pick("auto", "folder", many=True)[0] == "openvino", "a record of one figure"
    remember(
        {"torch": 1.0, "llamacpp": 0.5, "torch-fp32": 1.0, "torch-bf16": 2.0},
        {"torch": 0.2, "llamacpp": 0.4, "openvino": 0.1, "torch-fp32": 0.3, "torch-bf16": 0.2},
    )
    assert pick("auto", "folder")[0] == "llamacpp"
    assert pick("auto", "folder", many=True) == ("openvino", "2.0 times as fast here (buqi bench engines)")
    assert pick("auto", "m.gguf", many=True) == ("openvino", "4.0 times as fast here (buqi bench engines)")
    assert (precision("auto")[0], precision("auto", many=True)[0]) == ("float32", "bfloat16")
    monkeypatch.setattr(module, "find_spec", lambda name: None if name == "openvino_genai" else True)
    assert pick("auto", "folder", many=True) == ("torch", "fastest here (buqi bench engines)")
    monkeypatch.setattr(module, "find_spec", lambda name: None if name == "xllamacpp" else True)
    assert pick("auto", "m.gguf") == ("torch", "xllamacpp is not installed")
    assert pick("auto", "m.gguf", many=True)[0] == "openvino"


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"seconds": [1]}', '{"seconds": {"torch": "x"}}', '{"seconds": {"torch": 0}}', "[" * 9999]
)
def test_a_record_that_is_none_decides_nothing(cache, text):
    module._record().write_text(text)
    assert measured() == {} and pick("auto", "folder")[0] == "torch"


def test_refusals(cache, monkeypatch):
    with pytest.raises(UsageError, match="expected one of auto, torch, .*, torch-int8, llamacpp, openvino"):
        pick("vllm", "folder")
    monkeypatch.setattr(module, "find_spec", lambda _: None)
    with pytest.raises(BuqiError, match="--engine openvino needs openvino-genai: pip install"):
        pick("openvino", "folder")
    with pytest.raises(BuqiError, match="needs xllamacpp"):
        pick("llamacpp", "folder")
    assert pick("auto", "m.gguf") == ("torch", "xllamacpp is not installed")
