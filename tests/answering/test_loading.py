"""Which model, adapter and engine options mean."""

from __future__ import annotations

from pathlib import Path

import pytest

from buqi.answering import AnswerOptions, open_model
from buqi.answering.loading import trained_folder
from buqi.engine import TorchEngine
from buqi.errors import UsageError
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
