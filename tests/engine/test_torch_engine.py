from __future__ import annotations

import pytest
import torch
from peft import LoraConfig, get_peft_model

from buqi.base import load_model
from buqi.engine import BASE, TorchEngine
from buqi.engine.packs import make_pack
from buqi.errors import UsageError
from buqi.task import ADDRESS
from buqi.tune.loss import pack_loss

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
    with torch.no_grad(), engine._answering("one"):
        for answer in answers:
            row = ADDRESS.encode(engine.tokenizer, TEXTS[:1], [answer])
            scores.append(-pack_loss(engine.model, make_pack([row]))[0].double())
    assert found == pytest.approx(torch.stack(scores).softmax(0).tolist(), abs=1e-4)
