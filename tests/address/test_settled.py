from __future__ import annotations

import pytest

from buqi.address.settled import alike, plain_kind, said, whole_town
from buqi.divisions import load_matcher

MATCHER = load_matcher()


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("碑林区1号", "full"),
        ("西安市", "full"),
        ("西安市人民路", None),
        ("扶风法门镇法门寺", "full"),
        ("广州天河人民路", "short"),
        ("临安市1号", "former"),
        ("杯林区1号", None),
        ("鼓楼区1号", None),
        ("法门镇1号", None),
        ("天津市滨海新区1号", "full"),
    ],
)
def test_what_names_settle_by_themselves(text, kind):
    assert plain_kind(MATCHER.match(text), MATCHER) == kind


def test_a_city_said_in_full():
    assert said(MATCHER.match("西安市人民路"), MATCHER) == "6101"
    assert said(MATCHER.match("西安人民路"), MATCHER) == said(MATCHER.match("碑林区"), MATCHER) == ""


def test_a_city_and_a_county_of_another_one_are_not_settled():
    assert said(MATCHER.match("广州市张家港市1号"), MATCHER) == ""


def test_siblings_of_one_short_name():
    assert alike(MATCHER.match("伊犁伊宁人民路12号"))
    assert not alike(MATCHER.match("碑林区1号"))


def test_one_town_whose_whole_name_begins_the_address():
    code = whole_town(MATCHER.match("坪山镇人民路"))
    assert code and MATCHER.table.path(code).name("county") == "垫江县"  # one in 深圳 is a subdistrict today
    assert whole_town(MATCHER.match("城关镇人民路")) == whole_town(MATCHER.match("碑林区")) == ""
