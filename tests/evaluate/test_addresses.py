"""Right, wrong and refused; former names; intervals and calibration."""

from __future__ import annotations

import pytest

from buqi.address import Completion
from buqi.divisions import load_table
from buqi.evaluate.addresses import Outcome, calibration_error, interval, outcome, table, today

ROW = {"slice": "S", "province": "陕西省", "city": "西安市", "county": "碑林区"}


def found(code: str, status: str = "partial") -> Completion:
    return Completion("x", "x", path=load_table().path(code), status=status, confidence=0.8)


@pytest.mark.parametrize(
    ("code", "status", "right", "wrong"),
    [
        ("610103", "partial", True, False),
        ("610113", "partial", False, True),
        ("6101", "partial", False, False),  # right as far as it goes: not complete
        ("6103", "partial", False, True),
        ("610103", "ambiguous", False, False),
    ],
)
def test_outcomes(code, status, right, wrong):
    seen = outcome(ROW, found(code, status))
    assert (seen.right, seen.wrong) == (right, wrong)


def test_a_row_without_a_county_asks_for_the_city():
    row = ROW | {"county": ""}
    assert outcome(row, found("610113")).right
    assert outcome(row, found("610113")).scale is None  # its confidence speaks of the county too
    assert outcome(row, found("6101")).scale == 0.8


def test_former_counties_count_as_todays():
    row = {"slice": "S", "province": "重庆市", "city": "", "county": "江北区"}
    assert today(row)["county"] == "两江新区"
    assert today(ROW) == ROW


def test_shares_interval_and_calibration():
    outcomes = [Outcome("S", i < 8, i == 8, 0.8) for i in range(10)]
    shares = table(outcomes)["S"]
    assert (shares["right"], shares["wrong"], shares["refused"]) == pytest.approx((0.8, 0.1, 0.1))
    low, high = interval([o.right for o in outcomes])
    assert 0.4 < low < 0.8 < high <= 1.0
    assert calibration_error(outcomes) == pytest.approx(0.1)
