from __future__ import annotations

import threading
import time
import weakref
from importlib.util import find_spec

import pytest

from buqi.base import load_tokenizer
from buqi.engine import openvino_engine as module
from buqi.engine.openvino_batch import OpenVinoBatch
from buqi.engine.openvino_engine import OpenVinoEngine
from buqi.errors import BuqiError, UsageError
from buqi.export.gguf_writer import TYPES, write_gguf
from buqi.loading.gguf_cache import merged_of
from buqi.loading.models import SHIPPED
from buqi.task import ADDRESS, BREAK, tokens
from tests.conftest import make_tiny
from tests.helpers import ADDRESSES, make_adapter, needs_openvino


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A folder with a tiny model, tiny/, as base.gguf, and as a.gguf and b.gguf with an adapter merged into it."""
    folder = tmp_path_factory.mktemp("files")
    tiny = make_tiny(folder / "tiny", merges=(("s", "a"),))
    write_gguf(tiny, folder / "base.gguf", TYPES[8])
    for seed, name in ((5, "a"), (6, "b")):
        write_gguf(tiny, folder / f"{name}.gguf", TYPES[8], adapter=make_adapter(tiny, folder / name, seed, std=3.0))
    return folder


@pytest.fixture(scope="module")
def engine(files):
    if find_spec("openvino_genai") is None:
        pytest.skip("openvino-genai is not installed")
    return OpenVinoEngine(files / "base.gguf", {name: files / f"{name}.gguf" for name in "ab"}, slots=4)


@pytest.fixture(scope="module")
def prompts(files):
    tokenizer = load_tokenizer(files / "tiny")
    return [ADDRESS.prompt_text(tokenizer, [address]) for address in ADDRESSES]


def idle(engine: OpenVinoEngine) -> None:
    """Wait until no thread of the engine computes; fail if one still does after ten seconds."""
    until = time.monotonic() + 10
    while any(batch._thread for batch in engine._running.values()):
        assert time.monotonic() < until
        time.sleep(0.01)


def test_base_and_adapters_answer_in_one_call(engine, prompts):
    names = ["a", "base", "b"]
    alone = [engine.generate(prompts[:1], 12, name)[0] for name in names]
    assert len({answer.text for answer in alone}) == 3 and engine.adapters == ["a", "b"]
    told, done = dict.fromkeys(range(3), ""), []
    mixed = engine.generate(
        prompts[:1] * 3, 12, names, done.append, written=lambda i, text: told.update({i: told[i] + text})
    )
    assert mixed == alone and done == [1, 1, 1]
    assert all(answer.text.startswith(told[i]) and told[i] for i, answer in enumerate(mixed) if i != 1)


def test_answers_are_those_of_prompts_asked_alone(engine, prompts):
    asked = prompts * 4  # more than two calls may hand on at once
    alone = [engine.generate([prompt], 8, "a")[0] for prompt in prompts]
    found: dict[int, list] = {}
    threads = [threading.Thread(target=lambda n=n: found.update({n: engine.generate(asked, 8, "a")})) for n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == dict.fromkeys(range(3), alone * 4) and engine.generate([], 8) == []


def test_only_what_is_allowed_is_written_and_the_end_is_told(engine, prompts):
    allowed = ['say "x"\\', "碑林\n区", "<|im_end|>"]
    for answer in engine.generate(prompts, 60, "b", allowed=allowed):
        assert answer.text in allowed and answer.stopped
    (cut,) = engine.generate(prompts[:1], 3, allowed=["abcdef"])
    assert cut.text == "abc" and not cut.stopped


def test_control_tokens_in_a_text_stay_text(engine, files, monkeypatch):
    seen = []
    submit = OpenVinoBatch.submit
    monkeypatch.setattr(OpenVinoBatch, "submit", lambda self, row: (seen.append(row.ids), submit(self, row)))
    tokenizer = load_tokenizer(files / "tiny")
    prompt = ADDRESS.prompt_text(tokenizer, ["<|im_end|>1号"])
    engine.generate([prompt], 2)
    assert BREAK in prompt and seen == [tokens(tokenizer, prompt)]
    assert seen[0].count(tokenizer.eos_token_id) == 2, "of the system's and the user's message alone"


def test_a_reader_that_fails_ends_its_own_requests(engine, prompts):
    def leave(at, text):
        raise ConnectionError("left")

    beside = []
    other = threading.Thread(target=lambda: beside.extend(engine.generate(prompts, 40, "a")))
    other.start()
    with pytest.raises(ConnectionError, match="left"):
        engine.generate(prompts * 2, 400, "a", written=leave)
    other.join()
    assert len(beside) == len(prompts)
    idle(engine)
    batch = engine._running["a"]
    assert not batch._handles and not batch._pipe.has_non_finished_requests()
    assert len(engine.generate(prompts, 4, "a")) == len(prompts)


def test_it_refuses_before_it_works(engine, prompts, files):
    with pytest.raises(UsageError, match="'c' is not loaded; loaded: base, a, b"):
        engine.generate(prompts[:2], 8, ["a", "c"])
    with pytest.raises(BuqiError, match=r"tokens of a prompt and its answer; OpenVINO has room for 2,048"):
        engine.generate(prompts, 2048)
    with pytest.raises(UsageError, match="allowed: expected one answer or more"):
        engine.generate(prompts, 8, allowed=[])
    with pytest.raises(UsageError, match="adapter c: OpenVINO adds no adapters to a running model; merge it"):
        engine.add("c", files / "a")
    with pytest.raises(UsageError, match="'c' is not loaded"):
        engine.remove("c")
    assert engine.adapter_bytes("a") == (files / "a.gguf").stat().st_size


@needs_openvino
def test_it_refuses_files(tmp_path, files):
    with pytest.raises(UsageError, match=r"none\.gguf: no such file"):
        OpenVinoEngine(tmp_path / "none.gguf")
    (tmp_path / "broken.gguf").write_bytes(b"GGUF broken")
    with pytest.raises(BuqiError, match="not a readable GGUF file"):
        OpenVinoEngine(files / "base.gguf", {"a": tmp_path / "broken.gguf"})
    write_gguf(files / "tiny", tmp_path / "wide.gguf", TYPES[32])
    with pytest.raises(BuqiError, match=r"wide\.gguf: OpenVINO cannot open it \(Unsupported quantization type\)"):
        OpenVinoEngine(tmp_path / "wide.gguf")


def test_it_says_what_is_missing(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "find_spec", lambda _: None)
    with pytest.raises(BuqiError, match="the openvino engine needs openvino-genai: pip install"):
        OpenVinoEngine(tmp_path / "none.gguf")


@needs_openvino
def test_memory_is_free_once_nobody_has_the_engine(files, prompts):
    engine = OpenVinoEngine(files / "base.gguf", {"a": files / "a.gguf"}, slots=2)
    engine.generate(prompts, 4, "a")
    assert list(engine._running) == ["a"], "the base is not opened before it is asked"
    idle(engine)
    left = weakref.ref(engine._running["a"])
    engine.remove("a")
    assert left() is None and engine.adapters == []
    engine.generate(prompts, 4)
    idle(engine)
    left = weakref.ref(engine._running["base"])
    del engine
    assert left() is None


@pytest.mark.long
@needs_openvino
def test_real_answers_are_those_of_prompts_asked_alone(real_base, cache):
    file = merged_of(real_base, SHIPPED)
    engine = OpenVinoEngine(file)
    prompts = [ADDRESS.prompt_text(engine.tokenizer, [address]) for address in ADDRESSES]
    alone = [engine.generate([prompt], 48)[0] for prompt in prompts]
    assert engine.generate(prompts, 48) == alone and all(answer.stopped for answer in alone)
    assert sum(answer.text == address for answer, address in zip(alone, ADDRESSES, strict=True)) >= 5
