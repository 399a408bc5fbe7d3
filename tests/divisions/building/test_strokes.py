"""Which characters look like those of names."""

from __future__ import annotations

from buqi.divisions.building.strokes import look_alikes

STROKES = {"乌": "pzzh", "鸟": "pznzh", "马": "zzh", "岛": "pznszs", "十": "hs", "士": "hsh"}


def test_a_list_and_one_stroke():
    found = look_alikes(["义乌市", "石牌镇"], ["碑牌啤", "吗妈"], STROKES)
    assert found["牌"] == "".join(sorted("碑啤"))
    assert found["乌"] == "鸟", "马 differs in more, or has too few strokes"
    assert "十" not in found and "吗" not in found, "in no name"


def test_only_common_characters_are_typed():
    assert look_alikes(["石牌镇"], ["牌簰"], {}) == {}
