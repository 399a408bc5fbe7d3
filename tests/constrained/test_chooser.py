"""Names in an address limit what may be chosen, and each county's probability is the model's own."""

from __future__ import annotations

import math

import pytest
import torch

from buqi.base import load_model
from buqi.divisions import load_matcher
from buqi.task import ADDRESS

TEXTS = ["碑林区友谊路1号", "朝阳区建国路88号", "西安市科技路2号", "没有地名的一行", "法门镇法门寺", "沙田镇5号"]


def codes(chooser, text):
    return set(chooser.tree(load_matcher().match(text)).counties.values())


def test_names_limit_the_counties(chooser):
    assert codes(chooser, "碑林区友谊路1号") == {"610103"}
    assert {"110105", "220104"} <= codes(chooser, "朝阳区建国路88号") and len(codes(chooser, "朝阳区建国路88号")) < 20
    assert {"610103", "610112"} <= codes(chooser, "西安市科技路2号"), "all counties of a city"
    assert "4419" in codes(chooser, "沙田镇5号"), "a city without counties"
    assert codes(chooser, "没有地名的一行") == set(chooser.names)


def test_a_probability_is_the_product_of_the_models_own(chooser, tiny):
    (found,) = chooser.search([load_matcher().match("碑林区友谊路1号")])
    (likely,) = found.counties()
    prompt = ADDRESS.prompt_ids(chooser.engine.tokenizer, "碑林区友谊路1号")
    ids = chooser.names["610103"]
    with torch.inference_mode():
        logits = load_model(tiny).eval()(torch.tensor([[*prompt, *ids]])).logits[0].float()
    each = logits.log_softmax(-1)[len(prompt) - 1 :]
    expected = sum(float(each[at, token]) for at, token in enumerate(ids))
    assert (likely.code, likely.posterior) == ("610103", 1.0)
    assert likely.logprob == pytest.approx(expected, abs=1e-3 * len(ids))


def test_many_addresses_are_chosen_for_as_one_alone(chooser):
    matches = [load_matcher().match(text) for text in TEXTS]
    seen: list[int] = []
    together = chooser.search(matches, seen.append)
    assert sum(seen) == len(TEXTS)
    for match, found in zip(matches, together, strict=True):
        (alone,) = chooser.search([match])
        assert [one.code for one in alone.counties()] == [one.code for one in found.counties()]
        assert math.isclose(alone.best, found.best, abs_tol=1e-3)
        assert 0 < sum(one.posterior for one in found.counties()) <= 1 + 1e-9
