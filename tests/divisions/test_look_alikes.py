"""Characters that look like those of names."""

from __future__ import annotations

import pytest

from buqi.divisions import load_matcher
from buqi.divisions.look_alikes import look_alikes, looks_like


def test_one_character_of_a_name():
    assert looks_like("石碑镇", "石牌镇") and looks_like("铜宫街道", "铜官街道")
    assert not looks_like("石牌镇", "石牌镇") and not looks_like("石江镇", "石牌镇"), "nothing alike"
    assert not looks_like("宫碑镇", "官牌镇"), "two characters"
    assert all(character not in others for character, others in look_alikes().items())


@pytest.mark.parametrize(
    ("text", "town"),
    [
        ("湖北省荆门市钟祥市石碑镇", "石牌镇"),
        ("河北省廊坊市三河市燕效镇", "燕郊镇"),
        ("湖南省长沙市望城区铜宫街道黄龙村", "铜官街道"),
        ("湖南省郴州市宜章县粟源镇老街", "栗源镇"),
        ("广东省湛江市雷州市流沙镇珠港大道", ""),  # 白沙镇 does not look like it
        ("广东省揭阳市揭西县银坑镇", ""),  # not 钱坑镇: a town of that name lies elsewhere
    ],
)
def test_towns_of_a_county(text, town):
    match = load_matcher().match(text)
    assert match.path.name("town") == town
    assert not town or match.best.used[-1].kind == "shape"
