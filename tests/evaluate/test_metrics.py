"""What is right about an answer, level by level, and how near its text is."""

from __future__ import annotations

import pytest

from buqi.evaluate.compare import compare_rows
from buqi.evaluate.gold import gold_of
from buqi.evaluate.metrics import score_answer
from buqi.evaluate.prediction import Prediction
from buqi.rows import Row
from buqi.task import ADDRESS, ROWS
from tests.evaluate.conftest import GOLD, Says


@pytest.mark.parametrize(
    ("answer", "right"),
    [
        (GOLD, "province city county town province_city_county"),
        ("陕西省宝鸡市扶风县", "province city county province_city_county"),
        ("陕西省宝鸡市岐山县法门镇", "province city"),
        ("陕西省", "province"),
        ("扶风法门镇法门寺", ""),
    ],
)
def test_levels(answer, right):
    score = score_answer(ADDRESS, Prediction(answer, stopped=True), gold_of(Row(("x",), (GOLD,)), True))
    assert {level for level, ok in score.levels.items() if ok} == set(right.split())
    assert score.exact_match == (answer == GOLD)


@pytest.mark.parametrize(
    ("answer", "lost", "doubled"),
    [
        (GOLD, False, False),
        ("陕西省宝鸡市扶风县法门镇法门寺法门寺", False, True),
        ("陕西省宝鸡市扶风县扶风县法门镇法门寺", False, True),
        ("陕西省宝鸡市扶风县法门镇", True, False),
        ("广东省清远市清新区法门镇法门寺", False, False),  # 法门镇 is no division there, and is said once
        ("广东省清远市清新区法门镇法门镇法门寺", False, True),
    ],
)
def test_lost_and_doubled(answer, lost, doubled):
    score = score_answer(ADDRESS, Prediction(answer, stopped=True), gold_of(Row(("x",), (GOLD,)), True))
    assert (score.lost, score.doubled) == (lost, doubled)


def test_other_tasks_have_no_levels():
    score = score_answer(ROWS, Prediction(" yes ", stopped=False), gold_of(Row(("x",), ("yes",)), False))
    assert (score.exact_match, score.stopped, score.levels) == (True, False, {})


def test_other_tasks_get_text_metrics():
    asked = [Row(("a",), ("number 4",)), Row(("b",), ("number 7",))]
    figures = compare_rows(ROWS, asked, [Says("x", "number 4", "7")]).as_json()["contestants"]["x"]
    assert figures["exact_match"] == 0.5 and figures["character_f1"] == pytest.approx((1 + 2 / 9) / 2, abs=1e-3)
    assert 0 < figures["bleu4"] < 1 and figures["rouge_l"] == pytest.approx((1 + 2 / 8) / 2, abs=0.02)
