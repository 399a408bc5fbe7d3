"""Which model, adapter and engine options mean."""

from __future__ import annotations

from pathlib import Path

import pytest

from buqi.answering import AnswerOptions, open_model
from buqi.answering.loading import trained_folder
from buqi.engine import TorchEngine
from buqi.errors import BuqiError, UsageError
from buqi.loading import TUNED, UNTUNED


def test_the_folder_of_a_task_is_the_adapters_or_the_models(tiny, tuned):
    named = AnswerOptions("generate", model=str(tiny), adapter=tuned / "out")
    assert trained_folder(named) == tuned / "out"
    assert trained_folder(AnswerOptions("generate", model=str(tiny), adapter=Path(UNTUNED))) == tiny


def test_torch_answers_where_only_torch_can(tiny, tuned):
    asked = AnswerOptions("generate", model=str(tiny), adapter=tuned / "out", allowed=("a", "b"), probabilities=True)
    opened = open_model(asked)
    assert isinstance(opened.engine, TorchEngine) and opened.engine.adapters == [TUNED] and opened.trained
    assert opened.why.startswith("only torch weighs answers; ")


def test_vllm_needs_a_cluster(tiny):
    with pytest.raises(UsageError, match="--engine vllm: only with --ray"):
        open_model(AnswerOptions("generate", model=str(tiny), engine="vllm"))


@pytest.mark.parametrize(("engine", "said"), [("llamacpp", "needs xllamacpp"), ("gguf", "expected one of")])
def test_an_engine_that_is_not_there_is_told_before_a_base_is_fetched(monkeypatch, engine, said):
    def fetched(*_):
        raise AssertionError("a base was fetched")

    monkeypatch.setattr("buqi.loading.models.resolve", fetched)
    monkeypatch.setattr("buqi.loading.engines.find_spec", lambda name: None)
    with pytest.raises(BuqiError, match=said):
        open_model(AnswerOptions("generate", engine=engine))
