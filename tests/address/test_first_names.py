"""A name that tells where it lies is believed as often as such names tell the truth; nothing else is."""

from __future__ import annotations

import numpy as np
import pytest

from buqi.address.completer import Completer
from buqi.address.first_names import (
    KINDS,
    LEAST_SHARE,
    FirstName,
    FirstNames,
    load_shares,
    name_kind,
    with_share_inside,
)
from buqi.places.memory import empty_memory


@pytest.fixture(scope="module")
def completer() -> Completer:
    return Completer(empty_memory())


@pytest.fixture(scope="module")
def names(completer: Completer) -> FirstNames:
    return completer.proposer.first_names


@pytest.mark.parametrize(
    ("text", "kind", "code"),
    [
        ("遂宁大桥桥头8号", "bridge", "5109"),
        ("襄阳北站东广场", "station", "4206"),
        ("塔里木大学南门", "listed university", "659002"),
        ("国道西侧(昌北机场右侧300米)", "listed airport behind", "3601"),
        ("乌镇西栅景区", "listed scenic", "330483"),
        ("松山湖高新区科技路1号", "listed zone", "4419"),
        ("平遥古城南门", "listed scenic", "140728"),
        ("荆州古城南门", "scenic", "4210"),
        ("郑州花园路北段", "city road", "4101"),
        ("商丘产业集聚区16号厂房", "city zone", "4114"),
    ],
)
def test_the_surest_name_is_found(names, text, kind, code):
    found = names.surest(text, "bare")
    assert found is not None
    assert (found.kind, found.code) == (kind, code)
    assert found.share >= LEAST_SHARE


@pytest.mark.parametrize(
    "text",
    [
        "遂宁路8号",
        "遂宁大桥路8号",  # a road
        "遂宁花园3栋",  # homes are named after places far away
        "大同桥镇善化村",  # a town
        "朝阳镇卫生院",
        "东湖工业园3号",  # several places have one
        "太平桥8号",  # as many villages
        "",
    ],
)
def test_names_that_tell_too_rarely_are_left_to_the_model(names, text):
    assert names.surest(text, "bare") is None


def test_of_names_as_good_as_others_only_a_city_decides(names):
    assert names.surest("西安高新区科技路2号", "tied").code == "6101"
    assert names.surest("遂宁大桥桥头8号", "tied") is None
    assert names.surest("吉林解放路8号", "bare") is None, "first of all the province"


def test_kinds_and_where_they_end():
    assert name_kind("遂宁电厂宿舍", 2) == ("works", 4)
    assert name_kind("遂宁人民路", 2) == ("", 2)


@pytest.mark.parametrize(("share", "within", "whole"), [(0.8, 0.8, 1.0), (0.2, 0.3, 0.9)])
def test_what_a_name_tells_is_at_least_as_likely_as_its_share(share, within, whole):
    p = np.array([0.2, 0.1, 0.1, 0.5])
    weighed = with_share_inside(p, np.array([0, 1]), share)
    if share < 0.5:
        assert weighed is None  # the model is surer of another place
        return
    assert weighed is not None
    assert weighed[:2].sum() == pytest.approx(within)
    assert weighed.sum() <= whole
    assert weighed[0] / weighed[1] == pytest.approx(2.0)


def test_probabilities_above_the_share_stay():
    p = np.array([0.9, 0.05])
    assert with_share_inside(p, np.array([0]), 0.7) is p
    assert with_share_inside(np.array([0.0, 0.0, 0.3]), np.array([0, 1]), 0.8) == pytest.approx([0.4, 0.4, 0.06])


def test_within():
    name = FirstName("bridge", "city", "5109")
    assert name.within("510903")
    assert name.within("51")
    assert not name.within("5101")


def test_every_kind_was_counted():
    shares = load_shares()
    assert {kind for kind, _, _ in shares if not kind.startswith("listed")} == set(KINDS)
    assert all(0 < share < 1 for share in shares.values())


@pytest.mark.parametrize(
    ("text", "full"),
    [
        ("遂宁大桥桥头8号", "四川省遂宁市遂宁大桥桥头8号"),
        ("乌镇西栅景区", "浙江省嘉兴市桐乡市乌镇镇西栅景区"),
        ("绵阳师范学院南门", "四川省绵阳市绵阳师范学院南门"),
    ],
)
def test_answers(completer, text, full):
    answer = completer.complete(text)
    assert answer.full == full
    assert answer.confidence is not None
    assert answer.confidence >= LEAST_SHARE


def test_a_threshold_of_the_user_is_kept():
    answer = Completer(empty_memory(), threshold=0.9).complete("遂宁大桥桥头8号")
    assert answer.status == "ambiguous"


@pytest.mark.parametrize("text", ["海南大学", "海南医院", "海南工业园"])
def test_a_province_of_the_name_comes_before_what_lies_elsewhere(names, text):
    assert all(name.code.startswith("46") for name in names.names(text))  # neither 海南州 nor 海南区
