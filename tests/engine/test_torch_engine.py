from __future__ import annotations

import json
import shutil

import pytest
import torch
from peft import LoraConfig, get_peft_model

from buqi.base import load_model
from buqi.engine import BASE, TorchEngine
from buqi.errors import BuqiError, UsageError
from buqi.task import ADDRESS
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
@pytest.mark.parametrize("change", [{"alora_invocation_tokens": 5}, {"eva_config": "x"}])
def test_an_adapter_that_cannot_compute_is_refused_and_leaves_nothing(tiny, tmp_path, others, change):
    good, bad = make_adapter(tiny, tmp_path / "good", 1), make_adapter(tiny, tmp_path / "bad", 2)
    config = json.loads((bad / "adapter_config.json").read_text())
    (bad / "adapter_config.json").write_text(json.dumps(config | change))
    engine = TorchEngine(tiny, {"good": good} if others else {})
    names = [BASE, *engine.adapters]
    before = [[a.text for a in engine.generate(ASKED, 6, name)] for name in names]
    for name in ("new", *engine.adapters):
        with pytest.raises(BuqiError, match="bad: (the base does not answer with it|does not fit this base)"):
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
