"""A town that stands apart from its county."""

from __future__ import annotations

import pytest

from buqi.address.completer import Completer


@pytest.fixture(scope="module")
def completer() -> Completer:
    return Completer()


@pytest.mark.parametrize(
    ("text", "place", "detail"),
    [
        ("安福寺镇 湖北宜昌枝江市(橘农)", "湖北省宜昌市枝江市安福寺镇", "(橘农)"),
        ("成都市双流区航空路1号 双流区东升街道", "四川省成都市双流区东升街道", "航空路1号"),
        ("昆山市前进西路1160号 昆山市玉山镇 前台", "江苏省苏州市昆山市玉山镇", "前进西路1160号 前台"),
    ],
)
def test_the_town_is_read(completer: Completer, text: str, place: str, detail: str) -> None:
    found = completer.complete(text)
    assert (found.path.full, found.detail) == (place, detail)


@pytest.mark.parametrize(
    "text",
    [
        "昆山市前进西路1160号 昆山市第一中学",
        "昆山市前进西路1160号 昆山市玉山镇政府",
        "昆山市前进西路1160号 太仓市城厢镇 前台",
    ],
)
def test_other_parts_stay(completer: Completer, text: str) -> None:
    assert completer.complete(text).path.full == "江苏省苏州市昆山市"
