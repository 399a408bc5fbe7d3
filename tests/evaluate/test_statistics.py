"""Intervals, tests and calibration against what is known of them."""

from __future__ import annotations

import numpy as np
import pytest

from buqi.evaluate.statistics import calibration, coverage, interval, mcnemar


def test_mcnemar_is_the_exact_binomial():
    assert mcnemar(0, 0) == 1.0
    assert mcnemar(5, 5) == 1.0
    assert mcnemar(0, 10) == pytest.approx(2 / 2**10)
    assert mcnemar(3, 12) == pytest.approx(0.03515625)  # R: binom.test(3, 15)$p.value


def test_interval_holds_the_share_and_narrows():
    low, high = interval([True] * 80 + [False] * 20)
    assert low < 0.8 < high and 0.70 < low < 0.74 and 0.86 < high < 0.89
    wide = interval([True] * 8 + [False] * 2)
    assert wide[1] - wide[0] > high - low
    assert interval([]) == (0.0, 0.0)
    for end in (low, high):  # where a share would differ from 0.8 by as much as chance allows
        assert abs(end - 0.8) == pytest.approx(1.959964 * (end * (1 - end) / 100) ** 0.5)
    assert interval([True] * 250) == pytest.approx((0.984867, 1.0), abs=1e-5)
    assert interval([False] * 20) == pytest.approx((0.0, 0.161125), abs=1e-5)


def test_calibration_of_perfect_and_of_overconfident():
    rng = np.random.default_rng(0)
    said = rng.uniform(0, 1, 20000)
    assert calibration([(p, bool(rng.random() < p)) for p in said])[0] < 0.02
    error, bins = calibration([(0.95, True), (0.95, False)])
    assert error == pytest.approx(0.45) and bins == [{"said": 0.95, "right": 0.5, "rows": 2}]


def test_coverage_takes_the_surest_first():
    curve = coverage([(0.9, True), (0.8, True), (0.5, False), (0.4, False)], 8, points=4)
    assert [(p["coverage"], p["accuracy"]) for p in curve] == [(0.125, 1.0), (0.25, 1.0), (0.375, 0.6667), (0.5, 0.5)]
