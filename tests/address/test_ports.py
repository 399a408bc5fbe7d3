"""Parts of a city's port."""

from __future__ import annotations

import pytest

from buqi.address.completer import Completer
from buqi.address.ports import port_of
from buqi.places.memory import empty_memory


@pytest.fixture(scope="module")
def completer() -> Completer:
    return Completer(empty_memory())


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("唐山港曹妃甸港区", "130209"),
        ("青岛港董家口港区", "3702"),
        ("天津港南疆港区", "12"),
        ("宁波舟山港北仑港区", "330206"),
        ("宁波舟山港六横港区", "330903"),  # a town of the other city
        ("宁波舟山港岙山港区", ""),  # in one of the two
        ("苏州港张家港区", "320582"),
        ("福州港江阴港区", "350181"),  # 江阴镇, not 江阴市
        ("广州港南沙港区三期", "440115"),
        ("青岛港董家口港区路5号", ""),
        ("唐山市曹妃甸区曹妃甸港区", ""),
        ("广州港区", ""),
        ("青島港董家口港區", "3702"),
    ],
)
def test_a_part_of_a_port(completer: Completer, text: str, code: str) -> None:
    match = completer.matcher.match(text)
    assert port_of(match, match.address, completer.short()) == (code, text if code else "")


def test_the_port_s_name_stays_whole(completer: Completer) -> None:
    answer = completer.complete("唐山港曹妃甸港区")
    assert (answer.detail, answer.confidence) == ("唐山港曹妃甸港区", 0.89)
