"""Shops and firms whose bracket tells the place."""

from __future__ import annotations

import pytest

from buqi.address.bracketed import BRACKET
from buqi.address.completer import Completer
from buqi.address.completion import REFUSALS


@pytest.fixture(scope="module")
def completer() -> Completer:
    return Completer()


def test_a_bracket_has_a_place_and_the_word_for_a_branch() -> None:
    found = BRACKET.match("肯德基（昆山花桥旗舰店）3楼")
    assert found is not None and found.group("name", "place", "tail") == ("肯德基", "昆山花桥", "旗舰店")
    assert BRACKET.match("肯德基昆山花桥店") is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("肯德基（昆山花桥店）", "320583108"),
        ("建设银行（昆山支行）", "320583"),
        ("李宁（昆山）", ""),  # no word for a branch
        ("李宁（平湖店）", ""),  # many places are called so
        ("朝阳区（昆山店）", ""),  # a place, and no firm
        ("阳光花园（西区）", ""),  # a side of it
        ("徐汇某某超市（田林店）2楼", ""),  # 田林 is a part of 徐汇 too
        ("深圳市某某有限公司（东莞虎门分公司）", "441900121"),
        ("四川大学（江安校区）", "510116"),  # a campus is not in the county of its name
    ],
)
def test_a_bracket_counts_if_its_names_are_certain(completer: Completer, text: str, code: str) -> None:
    answer = completer.complete(text)
    assert answer.code == code
    assert answer.status in REFUSALS or answer.detail == text


def test_a_bracket_never_changes_another_place(completer: Completer) -> None:
    answer = completer.complete("上海市徐汇区肯德基（昆山花桥店）")
    assert (answer.path.name("county"), answer.detail) == ("徐汇区", "肯德基（昆山花桥店）")
