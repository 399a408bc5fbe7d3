"""An answer survives being written down."""

from __future__ import annotations

import json
from dataclasses import asdict

import pytest

from buqi.divisions import LEVELS
from buqi.evaluate.prediction import NAMED_LEVELS, Prediction


@pytest.mark.parametrize(
    "given",
    [
        Prediction("陕西省西安市碑林区1号"),
        Prediction("", failed="status 500"),
        Prediction("x", {"province": "陕西省"}, 0.5, True, tokens=(7, 3)),
    ],
)
def test_an_answer_is_read_as_it_was_written(given):
    assert Prediction.from_json(json.loads(json.dumps(asdict(given)))) == given


def test_levels_are_the_tables():
    assert (*LEVELS, "village") == NAMED_LEVELS
