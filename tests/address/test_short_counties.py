"""A county by its short name before a town that it has no longer."""

from __future__ import annotations

import pytest

from buqi.address.completer import Completer
from buqi.address.short_counties import ShortCounties


@pytest.fixture(scope="module")
def completer() -> Completer:
    return Completer()


@pytest.mark.parametrize(
    ("text", "place", "detail", "note"),
    [
        ("江苏武进郑陆镇", "江苏省常州市天宁区郑陆镇", "", "武进: 郑陆镇 lies in 天宁区 today"),
        ("武进 奔牛镇 和平路", "江苏省常州市新北区奔牛镇", "和平路", "武进: 奔牛镇 lies in 新北区 today"),
        ("余杭塘栖镇", "浙江省杭州市临平区塘栖镇", "", "余杭: 塘栖镇 lies in 临平区 today"),
        ("湖南望城坪塘镇", "湖南省长沙市岳麓区坪塘街道", "", "望城: 坪塘街道 lies in 岳麓区 today"),
        ("浙江萧山浦沿镇", "浙江省杭州市滨江区浦沿街道", "", "萧山: 浦沿街道 lies in 滨江区 today"),
        ("长沙县跳马乡石桥村", "湖南省长沙市雨花区跳马镇", "石桥村", "长沙县: 跳马镇 lies in 雨花区 today"),
    ],
)
def test_the_town_that_moved_is_read(completer: Completer, text: str, place: str, detail: str, note: str) -> None:
    answer = completer.complete(text)
    assert (answer.path.full, answer.detail) == (place, detail)
    assert note in answer.notes
    assert answer.confidence is not None
    assert answer.confidence <= 0.9


def test_a_town_of_another_kind_is_noted(completer: Completer) -> None:
    assert "跳马乡: today 跳马镇" in completer.complete("长沙县跳马乡").notes


@pytest.mark.parametrize(
    "text",
    [
        "江苏江宁板桥镇",  # two districts of 南京 may be meant
        "江苏武进湖塘镇",  # 武进区 has it
        "长沙跳马镇",  # 长沙 is the city
        "武进和平路5号",
        "江苏武进新闸镇",  # none of the city has it
    ],
)
def test_what_did_not_move_is_left(completer: Completer, text: str) -> None:
    answer = completer.complete(text)
    assert ShortCounties(completer.matcher, completer.complete).read(answer) is answer
