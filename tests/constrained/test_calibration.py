"""A confidence is made of the share and the log-probability; the shipped numbers hold for the shipped adapter alone."""

from __future__ import annotations

import math

import pytest

from buqi.artefact import write_run
from buqi.constrained.calibration import Calibration, calibration_of, load_calibration, terms
from buqi.constrained.search import ScoredDivision
from buqi.loading import SHIPPED


def test_terms_and_confidence():
    assert terms(ScoredDivision("610103", 0.5, -2.0)) == (1.0, 0.0, -2.0)
    assert all(math.isfinite(terms(ScoredDivision("610103", share, -2.0))[1]) for share in (0.0, 1.0))
    known = Calibration("x", 0.5, {"county": (0.5, 2.0, 1.0), "city": (9.0, 0.0, 0.0)})
    assert known.confidence("county", ScoredDivision("610103", 0.5, -2.0)) == pytest.approx(1 / (1 + math.exp(1.5)))


def test_the_shipped_numbers_are_of_the_shipped_adapter(tmp_path):
    known = load_calibration()
    assert calibration_of(SHIPPED) == known and 0.5 <= known.threshold < 1
    assert all(weights[1] > 0 and weights[2] > 0 for weights in known.weights.values()), "surer with both"
    assert calibration_of(tmp_path) is None, "a base"
    write_run(tmp_path, {"identity": "another"})
    assert calibration_of(tmp_path) is None
    write_run(tmp_path, {"merged_from": {"identity": known.identity}})
    assert calibration_of(tmp_path) == known, "merged"
