"""Each engine is measured in a process of its own, and the fastest is remembered."""

from __future__ import annotations

import pytest

from buqi.bench import engines
from buqi.bench.engines import EngineSpeed, line, measure, measure_all, texts
from buqi.errors import BuqiError, UsageError
from buqi.export.gguf_writer import TYPES, write_gguf
from buqi.loading.engines import measured
from tests.conftest import make_tiny


def test_both_engines_are_measured_each_in_its_process(tmp_path):
    tiny = make_tiny(tmp_path / "tiny", merges=(("s", "a"),))  # llama.cpp opens no tokenizer without merges
    write_gguf(tiny, tmp_path / "m.gguf", TYPES[8])
    speeds = measure_all(tiny, [tmp_path / "m.gguf"])
    assert [speed.name for speed in speeds] == [f"torch {tiny.name}", "llamacpp m.gguf"]
    for speed in speeds:
        assert len(speed.alone) == engines.ASKED_ALONE and min(speed.alone) > 0
        assert set(speed.per_second) == {str(count) for count in engines.ASKED_AT_ONCE}
        assert speed.name in line(speed)
    assert measured() == {speed.name.split()[0]: speed.quantile(0.5) for speed in speeds}


def test_the_fastest_file_of_an_engine_is_remembered(tiny, monkeypatch):
    seconds = {"torch": 2.0, "llamacpp": 1.0, "plain": 0.5}
    asked = []

    def fake(kind, path, model):
        asked.append((kind, path.name))
        return EngineSpeed(f"{kind} {path.name}", 1, 1, [seconds[kind] + len(path.stem)], {})

    monkeypatch.setattr(engines, "measure", fake)
    measure_all(tiny, [tiny / "ab.gguf", tiny / "a.gguf"], plain=True)
    assert asked[1:] == [(kind, name) for name in ("ab.gguf", "a.gguf") for kind in ("llamacpp", "plain")]
    assert measured() == {"torch": 2.0 + len(tiny.name), "llamacpp": 2.0}


def test_texts_differ():
    assert len(set(texts(200))) == 200


def test_refusals(tmp_path):
    with pytest.raises(UsageError, match="no model folder"):
        measure_all(tmp_path, [])
    with pytest.raises(UsageError, match="expected one of torch, llamacpp, plain"):
        measure("vllm", tmp_path, tmp_path)
    with pytest.raises(BuqiError, match="failed"):
        measure("torch", tmp_path, tmp_path)
