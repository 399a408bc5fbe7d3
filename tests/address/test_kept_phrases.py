"""Brackets and phrases that stay whole."""

from __future__ import annotations

import pytest

from buqi.address.completer import Completer


@pytest.fixture(scope="module")
def completer() -> Completer:
    return Completer()


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("千户苗寨西门（雷山县西江镇）", "贵州省黔东南苗族侗族自治州雷山县西江镇"),
        ("中铁十二局项目部(大悟县芳畈镇黄站村)", "湖北省孝感市大悟县芳畈镇"),
        ("巷口小卖部（奉新县冯川镇政府往东）", "江西省宜春市奉新县冯川镇"),
        ("乡道与来安县水口镇交叉处", "安徽省滁州市来安县水口镇"),
    ],
)
def test_the_text_stays_whole(completer: Completer, text: str, place: str) -> None:
    found = completer.complete(text)
    assert (found.path.full, found.detail, found.lead) == (place, text, "")


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ("昆山市花桥镇（绿地大道5号）", "（绿地大道5号）"),
        ("佛堂镇（义乌市）", ""),
        ("某某公司（江苏省昆山市花桥镇绿地大道1号）", "绿地大道1号）"),
        ("收货地址（义乌市佛堂镇双林路5号）", "双林路5号）"),
    ],
)
def test_other_brackets_are_read_as_before(completer: Completer, text: str, detail: str) -> None:
    assert completer.complete(text).detail == detail
