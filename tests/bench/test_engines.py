"""Each engine is measured in a process of its own, and the fastest is remembered."""

from __future__ import annotations

import pytest

from buqi.bench import engines, rival_engines
from buqi.bench.engines import EngineSpeed, line, lines, measure, measure_all, texts
from buqi.errors import BuqiError, UsageError
from buqi.export.gguf_writer import TYPES, write_gguf
from buqi.loading.engines import measured
from tests.conftest import make_tiny


@pytest.mark.long
def test_engines_are_measured_each_in_its_process(tmp_path, monkeypatch):
    tiny = make_tiny(tmp_path / "tiny", merges=(("s", "a"),))  # llama.cpp opens no tokenizer without merges
    write_gguf(tiny, tmp_path / "m.gguf", TYPES[8])
    monkeypatch.setattr(rival_engines, "fast_bf16", lambda: True)
    monkeypatch.setattr(rival_engines, "multiplies_int8", lambda: True)
    monkeypatch.setattr(engines, "SAME", 0.0)
    monkeypatch.setattr(rival_engines, "find_spec", lambda name: None if name == "openvino_genai" else True)
    monkeypatch.setattr(engines, "ASKED_AT_ONCE", (4, 16, 64))
    found = measure_all(tiny, [tmp_path / "m.gguf"], others=True)
    on_folder = [f"{kind} {tiny.name}" for kind in ("torch-bf16", "torch-int8", "torch-fp32", "transformers")]
    assert [speed.name for speed in found.speeds] == [*on_folder, "llamacpp m.gguf", "plain m.gguf"]
    assert found.missing == {"openvino": "openvino-genai is not installed"} and len(found.load) == 6
    assert 0 < found.same <= 1 and any(text.startswith("8 bits: ") for text in lines(found))
    assert found.ratios().keys() == {"1", "4", "16", "64"} and min(found.ratios().values()) > 0
    assert [text for text in lines(found) if "openvino: not measured" in text]
    for speed in found.speeds:
        assert len(speed.alone) == engines.ASKED_ALONE and min(speed.alone) > 0
        assert set(speed.per_second) == {str(count) for count in engines.ASKED_AT_ONCE}
        assert speed.name in line(speed)
    alone = {speed.name.split()[0]: speed.quantile(0.5) for speed in found.speeds}
    own = {kind: alone[kind] for kind in (*engines.ON_FOLDER, "llamacpp")}
    assert measured() == own | {"torch": min(alone[kind] for kind in engines.ON_FOLDER)}
    assert measured(many=True).keys() == measured().keys()


def test_the_fastest_file_of_an_engine_is_remembered(tiny, tmp_path, monkeypatch):
    seconds = {
        "torch-bf16": 2.0,
        "torch-int8": 1.5,
        "torch-fp32": 3.0,
        "transformers": 0.1,
        "llamacpp": 1.0,
        "plain": 0.5,
        "openvino": 0.2,
    }
    asked = []
    monkeypatch.setattr(engines, "missing", lambda kind: "")

    def fake(kind, path, model):
        asked.append((kind, path.name))
        return EngineSpeed(
            f"{kind} {path.name}", 1, 1, [seconds[kind] + len(path.stem) + len(asked) / 1000], {"4": len(asked)}
        )

    monkeypatch.setattr(engines, "measure", fake)
    monkeypatch.setattr(engines, "ASKED_AT_ONCE", (4,))
    files = [tmp_path / "ab.gguf", tmp_path / "a.gguf"]
    for file in files:
        file.touch()
    found = measure_all(tiny, files, others=True, rounds=2)
    on_files = [(kind, name) for name in ("ab.gguf", "a.gguf") for kind in ("llamacpp", "openvino", "plain")]
    assert asked[4:10] == on_files and len(asked) == 20, "two rounds"
    near = pytest.approx
    bf16, fp32 = 2.0 + len(tiny.name), 3.0 + len(tiny.name)
    assert measured() == {
        k: near(v, abs=0.1)
        for k, v in {"torch-bf16": bf16, "torch": bf16, "torch-fp32": fp32, "llamacpp": 2.0, "openvino": 1.2}.items()
    }
    rates = {"torch-bf16": 11, "torch": 13, "torch-fp32": 13, "llamacpp": 18, "openvino": 19}
    assert measured(many=True) == {kind: near(1 / rate) for kind, rate in rates.items()}
    assert found.speeds[0].per_second == {"4": 11} and found.ratios()["4"] == round(19 / 20, 2), "the fastest round"


def test_texts_differ():
    assert len(set(texts(200))) == 200


def test_refusals(tiny, tmp_path):
    with pytest.raises(UsageError, match=r"m\.gguf: no such file; buqi quantize writes one"):
        measure_all(tiny, [tiny / "m.gguf"])
    with pytest.raises(UsageError, match="no model folder"):
        measure_all(tmp_path, [])
    with pytest.raises(UsageError, match="expected one of torch-bf16, torch-int8, torch-fp32, llamacpp, openvino"):
        measure("vllm", tmp_path, tmp_path)
    with pytest.raises(BuqiError, match="failed"):
        measure("torch-fp32", tmp_path, tmp_path)


@pytest.mark.parametrize(("changed", "kept"), [(0, True), (1, True), (2, False)])
def test_8_bits_are_chosen_only_if_answers_stay(tiny, monkeypatch, changed, kept):
    def fake(kind, path, model):
        rounded = kind == "torch-int8"
        answers = ["other"] * changed * rounded + ["same"] * (200 - changed * rounded)
        return EngineSpeed(kind, 1, 1, [1.0 if rounded else 2.0], {"4": 1.0}, answers)

    monkeypatch.setattr(engines, "missing", lambda kind: "no units" if kind == "torch-bf16" else "")
    monkeypatch.setattr(engines, "measure", fake)
    found = measure_all(tiny, [])
    assert found.same == 1 - changed / 200
    assert measured()["torch"] == (1.0 if kept else 2.0) and ("torch-int8" in measured()) == kept
    assert any("not chosen by themselves" in text for text in lines(found)) != kept
