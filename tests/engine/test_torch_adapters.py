"""Adapters come, go and are replaced while requests run, and no request sees another's or half of one."""

from __future__ import annotations

import random
import threading
from pathlib import Path

import pytest
import torch

from buqi.base import load_model
from buqi.config import make_config
from buqi.engine import TorchEngine
from buqi.errors import BuqiError, UsageError
from buqi.tune.adapter import add_adapter


def make_adapter(tiny: Path, folder: Path, seed: int) -> Path:
    torch.manual_seed(seed)
    config = make_config({"dataset_name_or_path": ".", "output_dir": ".", "do_train": True, "lora_rank": 4})
    model = add_adapter(load_model(tiny), config)
    for name, parameter in model.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(parameter, std=0.3)
    model.save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def folders(tiny, tmp_path_factory) -> dict[str, Path]:
    root = tmp_path_factory.mktemp("adapters")
    return {name: make_adapter(tiny, root / name, seed) for seed, name in enumerate("abcd")}


def texts(answers):
    return [a.text for a in answers]


def test_a_thousand_requests_while_adapters_come_and_go(tiny, folders):
    engine = TorchEngine(tiny, {name: folders[name] for name in "abc"})
    prompts = ["one", "two two", "three"]
    names = ["base", "a", "b", "c"]
    alone = {(n, p): texts(engine.generate([p], 4, n)) for n in names for p in prompts}
    assert len({tuple(alone[n, "one"]) for n in names}) == 4
    failed: list[object] = []
    done = threading.Event()

    def ask(seed: int) -> None:
        rng = random.Random(seed)
        for _ in range(125):
            name, prompt = rng.choice(names), rng.choice(prompts)
            found = texts(engine.generate([prompt], 4, name))
            if found != alone[name, prompt]:
                failed.append((name, prompt, found))

    def churn() -> None:
        while not done.is_set():
            engine.add("guest", folders["d"])
            engine.add("a", folders["a"])  # replaced by itself
            engine.remove("guest")

    threads = [threading.Thread(target=ask, args=(seed,)) for seed in range(8)]
    other = threading.Thread(target=churn)
    for thread in [other, *threads]:
        thread.start()
    for thread in threads:
        thread.join()
    done.set()
    other.join()
    assert not failed
    assert sorted(engine.adapters) == ["a", "b", "c"]


def test_a_replaced_adapter_answers_anew(tiny, folders):
    engine = TorchEngine(tiny, {"x": folders["a"]})
    before = texts(engine.generate(["one"], 6, "x"))
    engine.add("x", folders["b"])
    assert texts(engine.generate(["one"], 6, "x")) == texts(
        TorchEngine(tiny, {"b": folders["b"]}).generate(["one"], 6, "b")
    )
    assert texts(engine.generate(["one"], 6, "x")) != before
    engine.remove("x")
    assert texts(engine.generate(["one"], 6)) == texts(TorchEngine(tiny).generate(["one"], 6))


def test_the_base_is_itself_while_a_removed_adapter_still_writes(tiny, folders):
    engine = TorchEngine(tiny, {"a": folders["a"]})
    asked, answers = ["one"], ["yes", "no"]
    expected, found = engine.probabilities(asked, answers), []

    def remove(at: int, text: str) -> None:
        if not found:
            engine.remove("a")
            found.extend(engine.probabilities(asked, answers))

    engine.generate(asked, 2000, "a", written=remove)
    assert found[0] == pytest.approx(expected[0], abs=1e-6)


def test_limits_and_bad_adapters_leave_the_others_alone(tiny, folders, tmp_path):
    engine = TorchEngine(tiny, {"a": folders["a"]})
    engine.most_adapters = 1
    before = texts(engine.generate(["one"], 4, "a"))
    with pytest.raises(UsageError, match="no more than 1"):
        engine.add("b", folders["b"])
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "adapter_config.json").write_bytes((folders["a"] / "adapter_config.json").read_bytes())
    (tmp_path / "broken" / "adapter_model.safetensors").write_bytes(b"broken")
    with pytest.raises(BuqiError):
        engine.add("a", tmp_path / "broken")
    for name in ("base", "../x", ""):
        with pytest.raises(UsageError, match="adapter name"):
            engine.add(name, folders["b"])
    with pytest.raises(UsageError, match="'b' is not loaded; loaded: base, a"):
        engine.remove("b")
    assert texts(engine.generate(["one"], 4, "a")) == before
    assert engine.adapter_bytes("a") > 1000


def test_one_batch_mixes_adapters(tiny, folders, monkeypatch):
    engine = TorchEngine(tiny, {name: folders[name] for name in "abc"})
    prompts = [f"{head} {word}" for word in ("one", "two two", "three") for head in ("say this:", "say this: not")]
    names = ["a", "base", "b", "a", "c", "base"]
    alone = [texts(engine.generate([p], 6, n))[0] for p, n in zip(prompts, names, strict=True)]
    steps = []
    logits = engine._step_model.logits
    monkeypatch.setattr(engine._step_model, "logits", lambda *all: steps.append(len(set(all[-1]))) or logits(*all))
    assert texts(engine.generate(prompts, 6, names)) == alone and len(set(alone)) > 3
    assert max(steps) == 4, "all adapters in one step"
    with pytest.raises(UsageError, match="'nobody' is not loaded"):
        engine.generate(prompts, 6, ["a", "nobody", "b", "a", "c", "base"])


def test_adapters_that_no_batch_can_mix_are_asked_one_after_the_other(tiny, folders, tmp_path):
    config = make_config(
        {"dataset_name_or_path": ".", "output_dir": ".", "do_train": True, "lora": True, "lora_rank": 4, "dora": True}
    )
    model = add_adapter(load_model(tiny), config)
    for name, parameter in model.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(parameter, std=0.3)
    model.save_pretrained(tmp_path / "dora")
    engine = TorchEngine(tiny, {"a": folders["a"], "dora": tmp_path / "dora"})
    prompts, names = ["one", "two", "one"], ["a", "dora", "base"]
    alone = [texts(engine.generate([p], 6, n))[0] for p, n in zip(prompts, names, strict=True)]
    assert texts(engine.generate(prompts, 6, names)) == alone


def test_what_is_written_is_told_meanwhile(tiny, folders):
    engine = TorchEngine(tiny, {"a": folders["a"]})
    told: dict[int, list[str]] = {0: [], 1: [], 2: []}
    prompts, names = ["one", "two two", "three"], ["a", "base", "a"]
    answers = engine.generate(prompts, 40, names, written=lambda i, text: told[i].append(text))
    whole = [text.rstrip("\ufffd").rstrip() for text in texts(answers)]  # of a random model: bytes of no character
    assert ["".join(told[i]) for i in range(3)] == whole
    assert any(len(told[i]) > 2 for i in range(3)), "in pieces"


def test_the_base_answers_beside_an_adapter_with_modules_trained_whole(tiny, folders, tmp_path):
    from peft import LoraConfig, get_peft_model

    torch.manual_seed(9)
    model = get_peft_model(load_model(tiny), LoraConfig(r=4, target_modules=["q_proj"], modules_to_save=["norm"]))
    for name, parameter in model.named_parameters():
        if "lora_B" in name or "modules_to_save" in name:
            torch.nn.init.normal_(parameter, std=0.5)
    model.save_pretrained(tmp_path / "whole")
    engine = TorchEngine(tiny, {"plain": folders["a"], "whole": tmp_path / "whole"})
    alone = {"base": TorchEngine(tiny), "plain": TorchEngine(tiny, {"plain": folders["a"]})}
    for _ in range(2):  # the base's answer leaves nothing behind
        for name in ("base", "plain"):
            assert texts(engine.generate(["one"], 6, name)) == texts(alone[name].generate(["one"], 6, name))
        assert len(texts(engine.generate(["one", "two"], 6, ["base", "whole"]))) == 2
