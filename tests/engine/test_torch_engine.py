from __future__ import annotations

import json
import shutil

import pytest
import torch
from peft import LoraConfig, get_peft_model

from buqi.base import load_model
from buqi.engine import BASE, TorchEngine
from buqi.engine.packs import make_pack
from buqi.errors import BuqiError, UsageError
from buqi.task import ADDRESS, tokens
from buqi.tune.loss import pack_loss
from tests.helpers import make_adapter

ASKED = ["say 1", "say something longer"]

TEXTS = ["碑林区1号", "扶风法门镇法门寺", "x", "碑林区扬子江南路467-6号"]


@pytest.fixture(scope="module")
def engine(tiny, tmp_path_factory):
    folders = {}
    for name, seed in (("one", 1), ("two", 2)):
        torch.manual_seed(seed)
        model = get_peft_model(
            load_model(tiny), LoraConfig(task_type="CAUSAL_LM", r=4, target_modules=["q_proj", "v_proj"])
        )
        for parameter_name, parameter in model.named_parameters():
            if "lora_B" in parameter_name:
                torch.nn.init.normal_(parameter, std=0.5)
        folders[name] = tmp_path_factory.mktemp(name)
        model.save_pretrained(folders[name])
    return TorchEngine(tiny, folders)


def prompts(engine):
    return [ADDRESS.prompt_text(engine.tokenizer, [text]) for text in TEXTS]


@pytest.mark.parametrize("adapter", [BASE, "one", "two"])
def test_batch_answers_as_each_alone(engine, adapter):
    together = engine.generate(prompts(engine), 12, adapter)
    alone = [engine.generate([p], 12, adapter)[0] for p in prompts(engine)]
    assert together == alone


def test_base_and_adapters_answer_apart(engine, tiny):
    plain = TorchEngine(tiny).generate(prompts(engine), 12)
    answers = {name: engine.generate(prompts(engine), 12, name) for name in (BASE, "one", "two")}
    assert answers[BASE] == plain
    assert answers["one"] != answers["two"]
    assert answers["one"] != plain


def test_unknown_adapter_is_named(engine):
    with pytest.raises(UsageError, match="'three' is not loaded; loaded: base, one, two"):
        engine.generate(["x"], 1, "three")


@pytest.mark.parametrize("others", [0, 1])
@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"alora_invocation_tokens": 5}, "a kind of LoRA that is not read"),
        ({"eva_config": "x"}, "bad: does not fit this base"),
        ({}, "bad: the base does not answer with it"),
    ],
)
def test_an_adapter_that_cannot_compute_leaves_nothing(tiny, tmp_path, monkeypatch, others, change, said):
    good, bad = make_adapter(tiny, tmp_path / "good", 1), make_adapter(tiny, tmp_path / "bad", 2)
    config = json.loads((bad / "adapter_config.json").read_text())
    (bad / "adapter_config.json").write_text(json.dumps(config | change))
    engine = TorchEngine(tiny, {"good": good} if others else {})
    names = [BASE, *engine.adapters]
    before = [[a.text for a in engine.generate(ASKED, 6, name)] for name in names]
    if not change:  # what no check has seen
        monkeypatch.setattr(
            engine._step_model, "try_out", lambda name: (_ for _ in ()).throw(NotImplementedError(name))
        )
    for name in ("new", *engine.adapters):
        with pytest.raises(BuqiError, match=said):
            engine.add(name, bad)
    assert [BASE, *engine.adapters] == names
    assert [[a.text for a in engine.generate(ASKED, 6, name)] for name in names] == before


def test_a_base_that_asks_for_other_rules_is_asked_greedily(tiny, tmp_path):
    shutil.copytree(tiny, tmp_path / "base")
    rules = {"suppress_tokens": list(range(200)), "no_repeat_ngram_size": 1, "min_length": 50}
    (tmp_path / "base" / "generation_config.json").write_text(json.dumps(rules))
    plain, ruled = (TorchEngine(folder).generate(ASKED, 8) for folder in (tiny, tmp_path / "base"))
    assert [a.text for a in plain] == [a.text for a in ruled]


def test_only_allowed_answers_are_written(engine):
    asked = [ADDRESS.prompt_text(engine.tokenizer, [text]) for text in ("碑林区", "一个长得多的地址十二号", "x")]
    answers = engine.generate(asked, 40, allowed=["是", "不是", "不知道"])
    assert all(a.text in ("是", "不是", "不知道") and a.stopped for a in answers)


def test_progress_counts_every_prompt(engine):
    seen = []
    engine.generate(prompts(engine), 2, progress=seen.append)
    assert sum(seen) == len(TEXTS)


def test_probabilities_are_those_of_each_answer_alone(engine):
    answers = ["是", "不是", "不知道", "<|im_end|>"]
    (found,) = engine.probabilities(prompts(engine)[:1], answers, "one")
    assert sum(found) == pytest.approx(1) and min(found) > 0
    scores = []
    with torch.no_grad(), engine._with_adapter("one"):
        for answer in answers:
            row = ADDRESS.encode(engine.tokenizer, TEXTS[:1], [answer])
            scores.append(-pack_loss(engine.model, make_pack([row]))[0].double())
    assert found == pytest.approx(torch.stack(scores).softmax(0).tolist(), abs=1e-4)


class Fixed:
    """A rule of two answers, (1, 2, 3) and (1, 5); nothing is said of what comes behind."""

    def __init__(self, end: int) -> None:
        self.end = end
        self.next = {(): [1], (1,): [2, 5], (1, 2): [3]}

    def after(self, written):
        return self.next.get(tuple(written), [self.end])


def test_what_is_chosen_by_a_rule_has_the_models_own_probabilities(tiny):
    engine = TorchEngine(tiny)
    asked = [tokens(engine.tokenizer, prompt) for prompt in prompts(engine)]
    rule = Fixed(engine.tokenizer.eos_token_id)
    begun = [(), (1,), (1, 2)] * len(asked)
    found = engine.choose([ids for ids in asked for _ in range(3)], begun, [rule] * len(begun))
    for number, (first, chosen) in enumerate(zip(begun, found, strict=True)):
        written = [*first, *chosen.tokens]
        assert written in ([1, 2, 3], [1, 5]) and len(chosen.steps) == len(chosen.tokens)
        ids = torch.tensor([[*asked[number // 3], *written]])
        with torch.inference_mode():
            shares = load_model(tiny).eval()(ids).logits[0].float().log_softmax(-1)
        for at, step in enumerate(chosen.steps, len(asked[number // 3]) + len(first) - 1):
            assert list(step) == rule.after(written[: at - len(asked[number // 3]) + 1])
            for token, weight in step.items():
                assert abs(weight - float(shares[at, token])) < 1e-3
            assert max(step, key=step.get) == int(ids[0, at + 1])


def test_an_answer_ends_where_nothing_else_may_follow(tiny, monkeypatch):
    engine = TorchEngine(tiny)
    steps = []
    plain = engine._step_model.logits
    monkeypatch.setattr(engine._step_model, "logits", lambda *given: (steps.append(1), plain(*given))[1])
    (answer,) = engine.generate(prompts(engine)[:1], 40, allowed=["ab"])
    assert (answer.text, answer.stopped) == ("ab", True) and len(steps) == 1, "guessed, and not asked for its end"
