"""Hospitals of a province in another place."""

from __future__ import annotations

import pytest

from buqi.address.completer import Completer
from buqi.address.hospitals import hospital_of
from buqi.places.memory import empty_memory


@pytest.fixture(scope="module")
def completer() -> Completer:
    return Completer(empty_memory())


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("四川省人民医院金牛医院", "510106"),
        ("山东省立医院菏泽医院", "3717"),
        ("浙江省人民医院毕节医院", "5205"),  # in another province
        ("江苏省人民医院溧阳分院", "320481"),
        ("四川省人民医院龙泉医院", ""),  # 龙泉市 is in another province
        ("浙江省人民医院望江山院区", ""),  # no 江山市
        ("四川省人民医院", ""),
        ("成都市金牛区四川省人民医院", ""),
    ],
)
def test_the_place_of_a_part(completer: Completer, text: str, code: str) -> None:
    match = completer.matcher.match(text)
    assert hospital_of(match, match.address, completer.short()) == (code, text if code else "")


def test_the_hospital_s_name_stays_whole(completer: Completer) -> None:
    answer = completer.complete("山东省立医院菏泽医院")
    assert (answer.detail, answer.confidence) == ("山东省立医院菏泽医院", 0.89)
