from __future__ import annotations

import pytest

from buqi.base import load_tokenizer
from buqi.engine.llama_engine import LlamaEngine, task_in
from buqi.errors import BuqiError, UsageError
from buqi.export.gguf_lora import write_lora
from buqi.export.gguf_writer import write_gguf
from buqi.task import ADDRESS
from tests.conftest import make_tiny
from tests.helpers import make_adapter


def test_adapters_come_and_go_on_llamacpp_and_share_a_batch(tmp_path):
    tiny = make_tiny(tmp_path / "tiny", merges=(("s", "a"),))
    write_gguf(tiny, tmp_path / "base.gguf", ("F32", "F32"))
    for seed, name in ((5, "a"), (6, "b")):
        write_lora(make_adapter(tiny, tmp_path / name, seed, std=3.0), tmp_path / f"{name}.gguf")
    prompts = [ADDRESS.prompt_text(load_tokenizer(tiny), ["碑林区1号"])] * 3
    engine = LlamaEngine(str(tmp_path / "base.gguf"), {"a": str(tmp_path / "a.gguf")}, slots=2)
    engine.most_adapters = 2
    engine.add("b", tmp_path / "b.gguf")
    alone = [engine.generate(prompts[:1], 12, name)[0] for name in ("a", "base", "b")]
    assert len({answer.text for answer in alone}) == 3
    told: dict[int, str] = {}
    mixed = engine.generate(
        prompts, 12, ["a", "base", "b"], written=lambda i, text: told.update({i: told.get(i, "") + text})
    )
    assert mixed == alone and [told.get(i, "").strip() for i in range(3)] == [a.text for a in alone]
    with pytest.raises(UsageError, match="no more than 2"):
        engine.add("c", tmp_path / "b.gguf")
    running = engine._opened  # a request that has begun keeps what it began with
    engine.remove("a")
    assert running.adapters.keys() == {"a", "b"} and engine.adapters == ["b"]
    assert engine.generate(prompts[:1], 12, "b")[0] == alone[2]
    with pytest.raises(UsageError, match="'a' is not loaded; loaded: base, b"):
        engine.generate(prompts, 12, ["b", "a", "base"])
    (tmp_path / "broken.gguf").write_bytes(b"GGUF broken")
    with pytest.raises(BuqiError, match="not a readable GGUF file"):
        engine.add("x", tmp_path / "broken.gguf")
    assert engine.adapters == ["b"] and engine.adapter_bytes("b") == (tmp_path / "b.gguf").stat().st_size


def test_llama_engine_refuses(tmp_path):
    with pytest.raises(UsageError, match="no such file"):
        LlamaEngine(tmp_path / "none.gguf")
    (tmp_path / "broken.gguf").write_bytes(b"GGUF broken")
    with pytest.raises(BuqiError, match="not a readable GGUF"):
        LlamaEngine(tmp_path / "broken.gguf")
    with pytest.raises(BuqiError, match="not a readable GGUF"):
        task_in(tmp_path / "broken.gguf")


def test_what_goes_wrong_while_an_answer_is_told_is_raised(tmp_path):
    tiny = make_tiny(tmp_path / "tiny", merges=(("s", "a"),))
    write_gguf(tiny, tmp_path / "base.gguf", ("F32", "F32"))
    engine = LlamaEngine(tmp_path / "base.gguf", slots=1)
    prompt = ADDRESS.prompt_text(load_tokenizer(tiny), ["碑林区1号"])

    def leave(at: int, text: str) -> None:
        raise ConnectionError("left")

    with pytest.raises(ConnectionError, match="left"):
        engine.generate([prompt], 12, allowed=["abc"], written=leave)
    with pytest.raises(BuqiError, match="llama.cpp answered"):
        engine.generate(["碑" * 3000], 12, written=lambda at, text: None)
    told: list[str] = []
    assert engine.generate([prompt], 12, allowed=["abc"], written=lambda at, text: told.append(text))[0].text == "abc"
    assert "".join(told) == "abc"
