"""Names of places are found, and nothing that leads to a door or a person."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buqi.gazetteer.place_names import place_names, without_left, without_zone, without_zone_words


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("文一西路969号海创园3幢502室", ["文一西路", "海创园"]),
        ("经济技术开发区仙台大街1468号", ["仙台大街"]),  # every city has such a zone
        ("东湖开发区关南科技工业园2号", ["东湖开发区", "关南科技工业园"]),
        ("幸福路8号 收件人张三丰", ["幸福路"]),
        ("科技路１２号３单元王小明", ["科技路"]),
        ("12-3", []),
        ("", []),
    ],
)
def test_place_names(text, names):
    assert place_names(text) == names


@given(st.text())
def test_no_digit_and_no_letter_is_ever_kept(text):
    assert not any(c.isascii() for name in place_names(text) for c in name)


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("市云南路8号", "云南路8号"),
        ("县城黄海路123号", "黄海路123号"),
        ("市区越秀南路973号", "越秀南路973号"),
        ("市府路1号", "市府路1号"),
        ("县前街3号", "县前街3号"),
        ("市场路3号", "市场路3号"),
        ("市南区香港路", "市南区香港路"),
        ("市医院", "市医院"),
        ("市桥大北路3号", "市桥大北路3号"),
        ("人民路1号", "人民路1号"),
    ],
)
def test_what_is_left_of_a_city_that_was_cut_off(text, rest):
    assert without_left(text) == rest


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("高新区科技路", "科技路"),
        ("高新区路1号", "高新区路1号"),
        ("东湖开发区1号", "东湖开发区1号"),
        ("人民路", "人民路"),
    ],
)
def test_a_zone_without_a_name_is_taken_from_the_front(text, rest):
    assert without_zone(text) == rest


def test_words_that_all_zones_share_are_left_out():
    assert without_zone_words("南照经济开发区人民路").split() == ["南照", "人民路"]
    assert without_zone_words("科技园路1号") == "科技园路1号"  # a road
