"""Thresholds answer most while little is wrong, judged by models that have not seen the rows."""

from __future__ import annotations

import numpy as np
import pytest

from buqi.address.completer import Completer
from buqi.address.proposal_kinds import PROPOSAL_KINDS
from buqi.fitting import thresholds
from buqi.fitting.thresholds import FINE, STEPS, Outcome, chosen, outcomes, with_margin
from buqi.places.memory import empty_memory
from tests.fitting.test_fit import row


def test_thresholds_buy_the_most_right_for_the_least_wrong(monkeypatch):
    monkeypatch.setattr(thresholds, "STEPS", few := STEPS[::3])  # of each kind: all combinations of all take seconds
    steps = {("plain", 0.0): Outcome(1.0, {"county_first": 0.001})}
    steps |= {(kind, least): Outcome() for kind in PROPOSAL_KINDS for least in few}
    for least in few:  # led: sure; bare: much of it is wrong; weak: nothing but wrong
        given = 0.95 - least
        steps["full_name", least] = Outcome(given, {"county_first": 0.01 * given})
        steps["bare", least] = Outcome(given, {"city_road": 0.5 * given})
        steps["uncertain", least] = Outcome(0.0, {"city_road": given})
    found = chosen(steps)
    assert found["full_name"] == 0.5 and 0.5 < found["bare"] < 0.95 and found["uncertain"] == 0.95
    assert chosen(steps, {"city_road": 0.05})["bare"] > found["bare"]
    assert chosen(steps, {"city_road": 0.0})["bare"] == 0.95
    assert chosen(steps, {"county_first": 0.0})["full_name"] == 0.95, "what is plain is wrong already"


def test_outcomes_count_what_would_be_given():
    rows = [
        row("碑林区文昌路1号", "陕西省", "西安市", "碑林区", "county_first"),
        row("鼓楼区1号", "江苏省", "南京市", "", "zone_first"),
    ]
    found = outcomes(rows, Completer(empty_memory()))
    assert found["plain", 0.0] == Outcome(1.0, {"county_first": 0.0})
    assert found["tied", 0.95] == Outcome(), "there are several"
    open_rows = [found[kind, least] for kind in PROPOSAL_KINDS for least in STEPS]
    assert all(o.right + o.wrong.get("zone_first", 0.0) <= 1.0 for o in open_rows), "answered or not, never both"


def test_caps_are_lower_where_few_rows_were_counted():
    rows = (
        [{"slice": "county_typo"}] * 100
        + [{"slice": "zone_first"}] * 10_000
        + [{"slice": "other_bare", "weight": w} for w in (9, 1, 1, 1)]
    )
    found = with_margin({"county_typo": 0.02, "zone_first": 0.02, "other_bare": 0.1, "road_first": 0.1}, rows)
    assert found["county_typo"] == pytest.approx(0.02 - 0.014) and found["zone_first"] == pytest.approx(0.02 - 0.0014)
    assert found["other_bare"] == 0.0 and found["road_first"] == 0.0, "hardly a row, or none: nothing may be wrong"


def test_each_row_is_judged_by_the_model_that_has_not_seen_it():
    asked = row("鼓楼区1号", "江苏省", "南京市", "", "zone_first")
    completer = Completer(empty_memory())
    read = completer.read(asked["input"])
    at = completer.proposer.counties.index("320106")
    everywhere = np.zeros(len(completer.proposer.counties))
    sure = everywhere.copy()
    sure[at] = 1.0
    models = [Guess(everywhere), Guess(sure)]
    found = outcomes([asked, asked], completer, models)
    assert found[read.kind, 0.5].right == pytest.approx(0.5), "the second row alone is answered"


class Guess:
    """A model that always says the same."""

    def __init__(self, p):
        self.p = p

    def probabilities(self, features, kind):
        return self.p


def test_thresholds_are_refined_between_the_coarse_ones():
    found = {("plain", 0.0): Outcome()}
    for kind in PROPOSAL_KINDS:
        for step in FINE:
            errs = (1.0 - step) / 5 if kind == "zone_first" else 0.0
            found[kind, step] = Outcome(1.5 * errs, {"zone_first": errs})
    best = chosen(found, {"zone_first": 0.083})
    assert best["zone_first"] == 0.59, "0.60 is the coarse step; 0.58 would be wrong in 8.4 %"
