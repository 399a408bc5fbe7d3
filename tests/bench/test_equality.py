"""Answers that differ are found, with how near the choice was."""

from __future__ import annotations

import pytest
import torch

from buqi.base import load_model, load_tokenizer
from buqi.bench import equality
from buqi.bench.engines import prompts_of, texts
from buqi.bench.equality import Equality, Parting, compare, lines
from buqi.bench.rival_engines import TransformersEngine
from buqi.engine import TorchEngine
from buqi.engine.protocol import Answer
from buqi.errors import UsageError
from buqi.task import tokens


def test_the_tiny_model_writes_what_transformers_writes(tiny):
    found = compare(tiny, 40, "float32")
    assert found.prompts == 40 and [p for p in found.partings if not p.is_tie] == []
    assert next(lines(found)).startswith(f"float32: {40 - len(found.partings)} of 40 answers equal")


def test_an_answer_that_differs_is_listed_with_its_gap(tiny, monkeypatch):
    monkeypatch.setattr(TorchEngine, "generate", lambda self, prompts, most: [Answer("say", True) for _ in prompts])
    monkeypatch.setattr(TransformersEngine, "generate", lambda self, prompts, most: ["say a"] * len(prompts))
    found = compare(tiny, 2, "float32")
    assert [(p.own, p.theirs) for p in found.partings] == [("say", "say a")] * 2
    tokenizer, model = load_tokenizer(tiny), load_model(tiny).eval()
    begun, whole = (tokens(tokenizer, prompts_of(tiny, texts(2))[1] + text) for text in ("say", "say a"))
    with torch.inference_mode():
        logits = model(torch.tensor([begun])).logits[0, -1]
    expected = logits[whole[len(begun)]] - logits[tokenizer.eos_token_id]
    assert found.partings[1].gap == pytest.approx(expected.item(), abs=1e-3)
    assert len(list(lines(found))) == 3


def test_the_first_difference_may_be_an_end():
    assert equality._first_difference([1, 2], [1, 3], 0) == (1, 2, 3)
    assert equality._first_difference([1], [1, 3], 0) == (1, 0, 3)


def test_lines_count_ties():
    found = Equality(5, "bfloat16", [Parting("t", "a", "b", 0.0), Parting("u", "a", "c", 0.125)])
    assert next(lines(found)) == "bfloat16: 3 of 5 answers equal transformers', 1 of the others are ties"


def test_a_folder_without_a_model_is_named(tmp_path):
    with pytest.raises(UsageError, match="no model folder"):
        compare(tmp_path, 1, "float32")
