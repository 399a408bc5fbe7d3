"""How true confidences are, by group and by slice."""

from __future__ import annotations

import pytest

from buqi.evaluate.gold import Gold
from buqi.evaluate.metrics import Score
from buqi.evaluate.prediction import Prediction
from buqi.evaluate.trust import COUNTY_NAMED, NONE_NAMED, group_of, trust
from tests.evaluate.conftest import LEVELS

CITY = {level: LEVELS[level] for level in ("province", "city")}


def judged(text, confidence, wrong, slice_="", levels=LEVELS, known=LEVELS):
    gold = Gold("", dict(known), dict(known), nowhere=not known)
    return text, slice_, Prediction("", dict(levels), confidence), Score(None, False, wrong=wrong), gold


@pytest.mark.parametrize("text", ["碑林区1号", "鼓楼区中山路", "法门镇法门寺", "扶风法门寺"])
def test_a_line_names_a_county_in_full_in_short_or_by_a_town(text):
    assert group_of(text) == COUNTY_NAMED


@pytest.mark.parametrize("text", ["金色家园3栋", "西安市太白路1号", ""])
def test_a_line_that_names_no_county(text):
    assert group_of(text) == NONE_NAMED


def test_each_group_and_slice_has_its_error_and_its_sure_wrong_answers():
    rows = [judged("碑林区1号", 0.9, wrong, "S1") for wrong in (False, True)]
    rows += [judged("金色家园3栋", 0.8, False, "N6") for _ in range(4)]
    found = trust([*rows, judged("金色家园", None, False, "N6")])  # what is refused is left out
    assert list(found) == [COUNTY_NAMED, NONE_NAMED, "N6", "S1"]
    assert found[COUNTY_NAMED] == {"rows": 2, "sure": 2, "said": 0.9, "right": 0.5, "error": 0.4, "sure_wrong": 0.5}
    assert found["N6"] == {"rows": 4, "sure": 0, "said": 0.8, "right": 1.0, "error": 0.2}


def test_a_row_that_knows_no_county_says_only_what_is_wrong():
    found = trust([judged("金色家园3栋", 0.95, True, known=CITY)])
    assert found[NONE_NAMED] == {"rows": 1, "sure": 1, "sure_wrong": 1.0}
    assert trust([judged("瑜伽垫加厚", 0.95, True, known={})])[NONE_NAMED]["error"] == 0.95
