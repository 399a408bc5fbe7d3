"""How sure a choice is, fitted on made choices whose truth is known."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest

from buqi.constrained.calibration import answers
from buqi.constrained.county_tree import CountyTree
from buqi.constrained.search import CountySearch
from buqi.divisions import load_table
from buqi.fitting.choices import MOST_WRONG, calibrated, is_right, logistic

COUNTIES = {"110105": (1,), "220104": (2,)}
ABOVE = {"110105": "11", "220104": "2201"}
BEIJING = {"input": "x", "province": "北京市", "city": "", "county": "朝阳区"}
CHANGCHUN = {"input": "x", "province": "吉林省", "city": "长春市", "county": "朝阳区"}


def search(share: float) -> CountySearch:
    found = CountySearch(CountyTree(COUNTIES, 9, ABOVE))
    found.frontier, found.reached = [], {"110105": math.log(share), "220104": math.log(1 - share)}
    return found


def test_right_is_as_far_as_a_row_says():
    table = load_table()
    assert is_right(BEIJING, "110105", table) and is_right(BEIJING, "11", table)
    assert not is_right(BEIJING, "220104", table) and not is_right(CHANGCHUN, "110105", table)
    assert is_right(CHANGCHUN | {"county": ""}, "220103", table) and is_right(CHANGCHUN, "2201", table)
    assert is_right({"province": "广东省", "city": "东莞市", "county": ""}, "4419", table)


def test_the_regression_finds_the_numbers():
    rng = np.random.default_rng(0)
    x = np.stack([np.ones(20_000), rng.normal(size=20_000)], axis=1)
    right = (rng.random(20_000) < 1 / (1 + np.exp(-(0.5 + 2.0 * x[:, 1])))).astype(float)
    assert logistic(x, right) == pytest.approx([0.5, 2.0], abs=0.1)


def test_a_choice_is_as_sure_as_it_was_right():
    rng = random.Random(1)
    shares = [rng.uniform(0.5, 0.999) for _ in range(3000)]
    rows = [BEIJING if rng.random() < share else CHANGCHUN for share in shares]
    searches = [search(share) for share in shares]
    known = calibrated(rows, searches, "x")
    assert known.identity == "x" and known.weights.keys() == {"county", "city"}
    for share in (0.6, 0.8, 0.95):
        assert answers(search(share), known)[0][2] == pytest.approx(share, abs=0.05)
    told = [(answers(one, known)[0], row) for one, row in zip(searches, rows, strict=True)]
    wrong = sum(sure >= known.threshold and row is CHANGCHUN for (_, _, sure), row in told)
    assert wrong <= MOST_WRONG * len(rows) and sum(sure >= known.threshold for (_, _, sure), _ in told) > 500
