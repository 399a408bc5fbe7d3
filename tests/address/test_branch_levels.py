"""Branches of branches, and banks whose own name begins with a place."""

from __future__ import annotations

import pytest

from buqi.address.branch_levels import city_behind, head_office, is_county_of_a_bank, is_of_a_bank, is_rarely_another
from buqi.address.completer import Completer
from buqi.places.memory import empty_memory


@pytest.fixture(scope="module")
def completer() -> Completer:
    return Completer(empty_memory())


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("宁波银行苏州分行昆山支行", "江苏省苏州市昆山市"),
        ("北京银行南京分行鼓楼支行", "江苏省南京市鼓楼区"),  # one of several
        ("宁波银行苏州分行中山路支行", "江苏省苏州市"),  # the second level is no place
        ("中国人寿保险股份有限公司南京分公司栖霞支公司", "江苏省南京市栖霞区"),
        ("中国人寿保险股份有限公司栖霞支公司烟台", "山东省烟台市栖霞市"),
        ("上海浦东发展银行宜兴支行", "江苏省无锡市宜兴市"),
        ("上海浦东发展银行陆家嘴支行", "上海市"),
        ("江苏常熟农村商业银行泰州分行", "江苏省泰州市"),
        ("江苏江阴农村商业银行无锡分行", "江苏省无锡市"),
        ("江苏常熟农村商业银行梅李支行", "江苏省苏州市常熟市梅李镇"),  # its own town
        ("江苏昆山农村商业银行玉山支行", "江苏省苏州市昆山市玉山镇"),  # no 玉山县
        ("宁波银行昆山支行", "江苏省苏州市昆山市"),
        ("广州市天河路385号建设银行深圳分行福田支行", "广东省广州市"),  # behind a door
    ],
)
def test_the_last_branch_is_where_the_address_is(completer: Completer, text: str, place: str) -> None:
    answer = completer.complete(text)
    assert answer.full.startswith(place) and answer.path.full in (place, place + "天河区")
    assert (answer.confidence or 0.0) <= 0.9


def test_a_bank_s_own_name_has_a_place(completer: Completer) -> None:
    match = completer.matcher.match
    assert is_of_a_bank(match("江苏常熟农村商业银行")) and is_of_a_bank(match("宁波银行昆山支行"))
    assert not is_of_a_bank(match("江苏省常熟市农村商业银行")) and not is_of_a_bank(match("昆山花桥建设路银行"))


def test_a_city_behind_a_branch(completer: Completer) -> None:
    short = completer.branches.short
    assert city_behind("人寿栖霞支公司烟台", short) == ("3706", 7)
    assert city_behind("人寿栖霞支公司", short) == ("", 7)


def test_a_common_name_is_no_county_of_a_bank(completer: Completer) -> None:
    match, short = completer.matcher.match("宁波银行支行"), completer.branches.short
    assert is_county_of_a_bank("昆山", "320583", match, completer.matcher, short)
    assert not is_county_of_a_bank("莲花", "360321", match, completer.matcher, short)
    assert not is_county_of_a_bank("吴中", "320506", match, completer.matcher, short)  # 吴中路 is elsewhere
    assert is_rarely_another("昆山", "昆山市", short) and not is_rarely_another("莲花", "莲花县", short)


def test_a_branch_without_a_place_is_of_the_head_office(completer: Completer) -> None:
    short = completer.branches.short
    assert head_office("上海浦东发展银行陆家嘴支行", short) == "31"
    assert head_office("上海浦东发展银行南山支行", short) == ""  # the name of places elsewhere
