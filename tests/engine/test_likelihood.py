"""Probabilities of a few answers are those of one row after the other."""

from __future__ import annotations

import pytest
import torch

from buqi.base import load_model, load_tokenizer
from buqi.engine import likelihood
from buqi.engine.likelihood import probabilities
from buqi.task import tokens


@pytest.mark.parametrize("pack", [1024, 24])
def test_they_are_those_of_rows_alone_and_add_up_to_one(tiny, monkeypatch, pack):
    monkeypatch.setattr(likelihood, "PACK_TOKENS", pack)
    model, tokenizer = load_model(tiny).eval(), load_tokenizer(tiny)
    answers = ["yes", "no", "it cannot be told", "<|im_end|>"]
    found = probabilities(model, tokenizer, "say: ", answers)
    assert sum(found) == pytest.approx(1)
    head, scores = tokens(tokenizer, "say: "), []
    for answer in answers[:3]:
        ids = torch.tensor([[*head, *tokens(tokenizer, answer), tokenizer.eos_token_id]])
        with torch.inference_mode():
            each = model(ids).logits[0, :-1].log_softmax(-1).gather(1, ids[0, 1:, None])[:, 0]
        scores.append(float(each[len(head) - 1 :].sum()))
    for one, score in zip(found, scores, strict=False):
        assert one / found[0] == pytest.approx(float(torch.tensor(score - scores[0]).exp()), rel=1e-3)
