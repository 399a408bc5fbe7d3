"""Remarks between two names."""

from __future__ import annotations

import pytest

from buqi.divisions import load_matcher
from buqi.divisions.remarks import is_remark, remark_ends


@pytest.mark.parametrize(
    "parts",
    [
        ("VIP客户花桥镇", "VIP客户"),
        ("大客户陈埭镇", "大客户"),
        ("急件花桥镇", "急件"),
        ("王女士收佛堂镇", "王女士收"),
        ("李四13900001111佛堂镇", "李四13900001111"),
        ("13900001111李四佛堂镇", "13900001111李四佛", "13900001111李四"),
        ("陈埭镇岸兜村",),
        ("花桥镇绿地大道12号",),
        ("大学城路1号",),
    ],
)
def test_where_a_remark_ends(parts: tuple[str, ...]) -> None:
    text, *remarks = parts
    assert [text[:end] for end in remark_ends(text, 0)] == remarks


def test_a_bracket_is_a_remark_if_it_holds_one() -> None:
    for text in ("(张三13812345678)", "（急件）", "VIP客户"):
        assert is_remark(text, 0, len(text))
    for text in ("(浙江省)", "人民路", "VIP客户服务中心"):
        assert not is_remark(text, 0, len(text))


@pytest.mark.parametrize(
    ("text", "town"),
    [
        ("江苏省昆山市（张三13812345678）花桥镇绿地大道12号", "花桥镇"),
        ("江苏省昆山市VIP客户花桥镇", "花桥镇"),
        ("江苏省昆山市客户服务中心花桥镇", ""),
    ],
)
def test_a_town_is_read_behind_a_remark(text: str, town: str) -> None:
    assert load_matcher().match(text).path.name("town") == town


def test_a_remark_before_a_county_contradicts_nothing() -> None:
    best = load_matcher().match("江苏省苏州市VIP客户昆山市花桥镇").best
    assert best is not None and best.path.name("town") == "花桥镇" and not best.against
