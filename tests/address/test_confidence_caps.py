"""Answers of kinds that are often wrong are never surer than those answers are right."""

from __future__ import annotations

import pytest

from buqi.address.confidence_caps import had_namesake, has_namesake, highest_confidence, weighed_confidence
from buqi.divisions import load_matcher

MATCHER = load_matcher()


def test_kinds_of_which_many_are_wrong_are_sure_only_further_up():
    assert weighed_confidence(0.93, "bare") == 0.89
    assert weighed_confidence(0.96, "bare") == weighed_confidence(0.96, "zone_first") == 0.89
    assert weighed_confidence(0.96, "uncertain") == 0.96 and weighed_confidence(0.97, "bare") == 0.97
    assert weighed_confidence(0.7, "bare") == 0.7
    assert weighed_confidence(0.93, "mistyped") == 0.93


@pytest.mark.parametrize("text", ["法门镇法门寺", "火车站开发区"])
def test_a_town_or_a_former_name_alone_is_sure_only_further_up(text):
    candidate = MATCHER.match(text).candidates[0]
    assert weighed_confidence(0.96, "full_name", candidate) == 0.89
    assert weighed_confidence(0.98, "full_name", candidate) == 0.98
    assert weighed_confidence(0.98, "full_name", candidate, "经济开发区3号") == 0.89
    assert weighed_confidence(0.96, "full_name", MATCHER.match("扶风县法门镇").candidates[0]) == 0.96


@pytest.mark.parametrize(
    ("text", "shared"), [("金山区", True), ("江北区建新北路", True), ("碑林区", False), ("昆山市", False)]
)
def test_names_that_places_share(text, shared):
    match = MATCHER.match(text)
    assert has_namesake(match, match.candidates[0]) == shared


@pytest.mark.parametrize(("text", "highest"), [("霍邱县叶集", 0.9), ("苍南县龙港镇", 0.9), ("巢湖市庐江县", 1.0)])
def test_a_town_that_is_a_county_today_is_doubted_behind_another_county(text: str, highest: float) -> None:
    match = MATCHER.match(text)
    assert highest_confidence(match, match.candidates[0]) == highest


@pytest.mark.parametrize(("text", "highest"), [("武清区大厂镇", 0.9), ("武清区大碱厂镇", 1.0), ("凤县双石浦镇", 1.0)])
def test_a_mended_town_is_doubted_where_its_name_is_another_town_s(text: str, highest: float) -> None:
    match = MATCHER.match(text)
    assert highest_confidence(match, match.candidates[0], MATCHER.lexicon.whole) == highest


@pytest.mark.parametrize(
    ("text", "highest"),
    [
        ("碑林区文昌路1号", 1.0),
        ("沅陵", 0.9),  # a short name alone
        ("靳春县1号", 0.9),  # the only name has a wrong character
        ("湖北省靳春县1号", 1.0),
        ("喀什人民路1号", 0.9),  # the prefecture's short name too
        ("深圳市宝安区公明街道松白路1号", 0.9),  # the town lies in another county today
        ("关西镇", 0.6),  # a county in Taiwan, and towns of the mainland
    ],
)
def test_what_the_names_leave_in_doubt_lowers_the_highest_confidence(text, highest):
    match = MATCHER.match(text)
    candidate = next((c for c in match.candidates if c.code.startswith("71")), match.candidates[0])
    assert highest_confidence(match, candidate) == highest


@pytest.mark.parametrize(
    ("text", "had"), [("新市区朝阳北大街", True), ("保定市新市区朝阳北大街", False), ("朝阳区建国路", False)]
)
def test_a_name_that_a_county_elsewhere_had(text, had):
    match = load_matcher().match(text)
    assert had_namesake(match, match.candidates[0]) is had
