"""Many callers' answers are written together, and each is what transformers writes alone."""

from __future__ import annotations

import random
import threading
import time

import pytest
import torch

from buqi.base import load_model, load_tokenizer
from buqi.engine import BASE, TorchEngine
from buqi.engine import scheduler as module
from buqi.engine.answer_search import AnswerSearch
from buqi.engine.prefixes import LEAST_SAVED
from buqi.task import ROWS, tokens
from tests.helpers import make_adapter

WORDS = ["one", "two two", "碑林区扬子江南路467-6号", "a longer text, a longer text", "x"]


@pytest.fixture(scope="module")
def folders(tiny, tmp_path_factory):
    root = tmp_path_factory.mktemp("writer")
    return {name: make_adapter(tiny, root / name, seed) for seed, name in enumerate("abc")}


@pytest.fixture
def engine(tiny):
    return TorchEngine(tiny)


def prompts(engine, count):
    return [ROWS.prompt_text(engine.tokenizer, [f"{WORDS[i % 5]} {i}"]) for i in range(count)]


def by_transformers(tiny, asked, most):
    """What transformers' generate writes to each prompt alone, as text."""
    model, tokenizer = load_model(tiny), load_tokenizer(tiny)
    found = []
    for prompt in asked:
        ids = torch.tensor([tokens(tokenizer, prompt)])
        out = model.generate(
            ids, attention_mask=torch.ones_like(ids), max_new_tokens=most, do_sample=False,
            eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.pad_token_id,
        )  # fmt: skip
        found.append(tokenizer.decode(out[0, ids.shape[1] :], skip_special_tokens=True).strip())
    return found


def test_answers_are_transformers_own(tiny, engine):
    asked = prompts(engine, 50)
    assert [a.text for a in engine.generate(asked, 24)] == by_transformers(tiny, asked, 24)
    assert [a.text for a in engine.generate(asked[:7], 24)] == by_transformers(tiny, asked[:7], 24), "kept prompts"


@pytest.mark.parametrize("limits", [{"MOST_ROWS": 3}, {"STEP_TOKENS": 20}, {"CACHE_TOKENS": 300}, {"FULL_STEP": 0}])
def test_little_room_changes_no_answer(tiny, engine, monkeypatch, limits):
    asked = prompts(engine, 9)
    expected = [a.text for a in engine.generate(asked, 16)]
    for name, value in limits.items():
        monkeypatch.setattr(module, name, value)
    assert [a.text for a in TorchEngine(tiny).generate(asked, 16)] == expected


def test_a_shared_beginning_is_computed_once(engine):
    engine.generate(prompts(engine, 1), 1)
    seen = []
    logits = engine._step_model.logits
    engine._step_model.logits = lambda ids, *rest: seen.append(len(ids)) or logits(ids, *rest)
    asked = prompts(engine, 5)
    engine.generate(asked, 1)
    own = [len(tokens(engine.tokenizer, prompt)) for prompt in asked]
    assert sum(seen) < sum(own) - 3 * LEAST_SAVED


def test_a_prompt_that_takes_several_steps_is_kept(tiny, monkeypatch):
    monkeypatch.setattr(module, "STEP_TOKENS", 20)
    engine = TorchEngine(tiny)
    asked = ROWS.prompt_text(engine.tokenizer, ["碑林区扬子江南路467-6号" * 5])
    engine.generate([asked], 1)
    ids = tokens(engine.tokenizer, asked)
    assert len(ids) > 40 and [prefix.ids for prefix in engine._writer.scheduler.prefixes.kept] == [ids]


def test_a_thousand_requests_of_thirty_two_clients(tiny, folders):
    engine = TorchEngine(tiny, folders)
    asked, names = prompts(engine, 12), [BASE, *folders]
    alone = {(n, p): engine.generate([p], 8, n)[0].text for n in names for p in asked}
    wrong: list[object] = []

    def ask(seed: int) -> None:
        rng = random.Random(seed)
        for _ in range(1000 // 32 + 1):
            name, prompt = rng.choice(names), rng.choice(asked)
            try:
                (found,) = engine.generate([prompt], 8, name)
            except Exception as error:
                wrong.append(error)
            else:
                wrong.extend([found] if found.text != alone[name, prompt] else [])

    clients = [threading.Thread(target=ask, args=(seed,)) for seed in range(32)]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    assert not wrong


def test_who_leaves_frees_the_place(engine):
    class Left(Exception):
        pass

    def leave(row: int, text: str) -> None:
        raise Left

    with pytest.raises(Left):
        engine.generate(prompts(engine, 3), 100_000, allowed=["一" * 3000], written=leave)
    deadline = time.monotonic() + 30
    while engine._writer._thread is not None and time.monotonic() < deadline:
        time.sleep(0.01)
    assert engine._writer._thread is None, "nobody writes for who has left"
    assert not engine._writer.scheduler.running and engine._writer.cache.tensors is None
    assert engine.generate(prompts(engine, 1), 2)


def test_what_goes_wrong_in_a_step_is_told_and_the_next_call_works(engine, monkeypatch):
    asked = prompts(engine, 2)
    expected = engine.generate(asked, 4)

    def fails(*_: object) -> None:
        raise MemoryError("no room")

    with monkeypatch.context() as patch:
        patch.setattr(engine._step_model, "logits", fails)
        with pytest.raises(MemoryError, match="no room"):
            engine.generate(asked, 4)
    assert engine.generate(asked, 4) == expected


def test_an_adapter_that_leaves_ends_its_answers_first(tiny, folders, monkeypatch):
    engine, stepping = TorchEngine(tiny, folders), threading.Event()
    asked = prompts(engine, 2)
    expected = engine.generate(asked, 200, "a")
    logits = engine._step_model.logits

    def step(*given):
        stepping.set()
        return logits(*given)

    def remove():
        stepping.wait(30)
        engine.remove("a")

    with monkeypatch.context() as patch:
        patch.setattr(engine._step_model, "logits", step)
        leaving = threading.Thread(target=remove)
        leaving.start()
        assert engine.generate(asked, 200, "a") == expected
        leaving.join()
    assert engine.adapters == ["b", "c"] and len(engine.model.peft_config) == 2


def test_an_adapter_that_leaves_ends_its_search_first(tiny, folders, monkeypatch):
    engine, taken = TorchEngine(tiny, folders), []
    asked, allowed = prompts(engine, 4), [f"{a}{b}{c}" for a in "abc" for b in "de" for c in "fgh"]
    expected = engine.generate(asked, 20, "a", allowed=allowed)
    take = AnswerSearch.take

    def remove(self, row):
        taken.append(row)
        if "a" in engine.adapters:
            engine.remove("a")
        take(self, row)

    monkeypatch.setattr(AnswerSearch, "take", remove)
    assert engine.generate(asked, 20, "a", allowed=allowed) == expected
    assert len(taken) > len(asked), "one beginning at least was followed after the adapter had left"
    assert engine.adapters == ["b", "c"] and len(engine.model.peft_config) == 2
