"""Sights and works by name."""

from __future__ import annotations

import pytest

from buqi.address.sights import load_sights, sight_of
from buqi.divisions import load_matcher, load_table


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("武当山金顶", "丹江口市"),
        ("乌镇东栅停车场", "乌镇镇"),
        ("嘉峪关城楼", "嘉峪关市"),
        ("铜陵长江大桥北桥头", "铜陵市"),
        ("朝阳公园路6号", "朝阳区"),
        ("周庄古镇全功路3号", "周庄镇"),
        ("少林寺街道", ""),
        ("少林寺武术学校", ""),
        ("恩施大峡谷路", ""),
        ("登封市少林寺停车场", ""),  # its county is named
        ("少林寺停车场,登封市嵩山路1号", ""),
        ("武当山路5号", ""),
        ("乌镇", ""),
    ],
)
def test_a_sight_lies_in_its_division(text: str, place: str) -> None:
    assert load_table().names.get(sight_of(load_matcher().match(text)), "") == place


def test_every_sight_lies_in_a_division_of_the_table() -> None:
    assert all(code in load_table().names for code in load_sights().values())
