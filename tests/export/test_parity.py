from __future__ import annotations

import json

import pytest
import torch

from buqi.base import load_model, load_tokenizer
from buqi.export.parity import PROBES, answer_logits, compare, prompt_logits
from buqi.task import ADDRESS, tokens


def test_differences_are_counted_over_all_positions():
    one = [torch.tensor([[1.0, 0.0], [0.0, 1.0]]), torch.tensor([[1.0, 0.0]])]
    other = [torch.tensor([[1.0, 0.0], [0.0, 0.5]]), torch.tensor([[0.0, 1.0]])]
    parity = compare(one, other, tolerance=1.0, least_equal=0.6)
    assert (parity.prompts, parity.positions, parity.largest_difference) == (2, 3, 1.0)
    assert parity.mean_difference == pytest.approx(2.5 / 6)
    assert parity.equal_choices == pytest.approx(2 / 3)
    assert parity.passed and json.loads(json.dumps(parity.as_json()))["passed"] is True
    assert not compare(one, other, tolerance=0.9, least_equal=0.6).passed
    assert not compare(one, other, tolerance=1.0).passed, "every choice must stay if nothing else is said"


def test_no_tolerance_is_written_as_json_has_it():
    one = [torch.tensor([[1.0, 0.0]])]
    record = compare(one, one, tolerance=float("inf")).as_json()
    assert json.loads(json.dumps(record, allow_nan=False))["tolerance"] is None and record["passed"]


def test_an_answers_logits_are_those_that_its_tokens_and_its_end_are_chosen_by(tiny):
    model, tokenizer = load_model(tiny).eval(), load_tokenizer(tiny)
    (whole,) = prompt_logits(model, tokenizer, ADDRESS, ["碑林区"])
    prompt = ADDRESS.prompt_text(tokenizer, ["碑林区"])
    (first,) = answer_logits(model, tokenizer, [prompt], [""])
    torch.testing.assert_close(first, whole[-1:])
    (found,) = answer_logits(model, tokenizer, [prompt], ["西安"])
    assert found.shape == (len(tokens(tokenizer, "西安")) + 1, whole.shape[1])
    assert len(prompt_logits(model, tokenizer, ADDRESS)) == len(PROBES)
