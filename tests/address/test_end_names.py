"""Whole names at the end of an address that was answered."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buqi.address.completer import Completer
from buqi.address.completion import Completion
from buqi.address.end_names import PLACE_END, TOWN_END, TOWN_LAST, ends_in_place
from buqi.places.memory import empty_memory


@pytest.fixture(scope="module")
def completer() -> Completer:
    return Completer(empty_memory())


def answer(completer: Completer, text: str) -> Completion:
    return completer.complete(text)


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ("江苏省徐州市泉山区泰山路 徐州市泉山区", "泰山路"),
        ("江苏省徐州市泉山区泰山路3号(徐州市泉山区)", "泰山路3号"),
        ("浙江省金华市东阳市横店镇万盛街 东阳市横店镇", "万盛街"),
        ("江苏省苏州市吴中区金山路5号(A座 吴中区)", "金山路5号(A座 吴中区)"),  # a bracket would stay open
        ("江苏省南京市秦淮区中山路1号 老城区", "中山路1号 老城区"),  # no division
        ("河北省石家庄市裕华区万达广场小区", "万达广场小区"),
    ],
)
def test_what_is_said_again_is_left_out(completer, text, detail):
    found = answer(completer, text)
    assert found.detail == detail and found.full.endswith(detail) and not found.notes


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("浙江省杭州市西湖区(江苏省)", "江苏省"),
        ("上海市松江区或者闵行区", "闵行区"),
        ("北京市海淀区上海市浦东新区", "上海市浦东新区"),
    ],
)
def test_what_is_elsewhere_is_noted_once(completer, text, names):
    found = answer(completer, text)
    assert found.notes == (f"{names}: contradicts the other names",)
    assert found.confidence == 0.9 and found.detail.strip("()").endswith(names)


@given(st.from_regex(PLACE_END.pattern))
def test_every_place_ends_in_one_of_the_characters_that_are_sought(text):
    assert ends_in_place(text)


@given(st.from_regex(TOWN_END.pattern))
def test_every_town_ends_in_one_of_the_characters_that_are_sought(text):
    assert text[-1] in TOWN_LAST
