"""Each kind of damage does what it says, and nothing that cannot be undone."""

from __future__ import annotations

import random

import pytest

from buqi.divisions import load_table
from buqi.synthesis.characters import homophones, lookalikes, near_sounds
from buqi.synthesis.damage import DAMAGES, FullAddress, damage


def address(text: str) -> FullAddress:
    path, detail = load_table().read(text)
    return FullAddress(path, detail)


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        ("prefix_missing", "陕西省西安市碑林区扬子江南路467-6号", "碑林区扬子江南路467-6号"),
        ("county_short", "陕西省宝鸡市扶风县法门镇法门寺", "扶风法门镇法门寺"),
        ("town_first", "陕西省宝鸡市扶风县法门镇法门寺", "法门镇法门寺"),
        ("city_first", "陕西省西安市碑林区1号", "西安市碑林区1号"),
        ("prefix_missing", "江苏省南京市鼓楼区1号", None),  # four counties have this name
        ("city_first", "北京市朝阳区1号", None),  # no city to begin with
        ("town_first", "陕西省西安市碑林区1号", None),
        ("former", "浙江省杭州市临安区锦北街道1号", "临安市锦北街道1号"),
        ("city_skipped", "陕西省西安市碑林区1号", "陕西省碑林区1号"),
        ("city_short", "陕西省西安市碑林区1号", "西安碑林区1号"),
        ("repeated", "陕西省西安市碑林区1号", "西安市碑林区陕西省西安市碑林区1号"),
        ("separated", "陕西省西安市碑林区1号", "西安市-碑林区-1号"),
        ("full_width", "陕西省西安市碑林区1号", "碑林区１号"),
        ("traditional", "陕西省西安市临潼区华清路1号", "西安市臨潼區华清路1号"),
        ("missing", "陕西省西安市碑林区1号", None),  # three characters: too little would be left
        ("doubled", "陕西省西安市碑林区1号", "碑林林区1号"),
        ("swapped", "陕西省西安市碑林区1号", "林碑区1号"),
    ],
)
def test_damage(kind, text, expected):
    assert DAMAGES[kind](address(text), random.Random(0)) == expected


def test_what_cannot_be_undone_is_not_done():
    damaged = damage(address("江苏省南京市鼓楼区中山路1号"), "prefix_missing", random.Random(0))
    assert (damaged.kind, damaged.text) == ("city_first", "南京市鼓楼区中山路1号")


@pytest.mark.parametrize(
    ("kind", "others"), [("typo", homophones), ("near_sound", near_sounds), ("lookalike", lookalikes)]
)
def test_mistyped_characters_are_of_their_kind(kind, others):
    place = address("四川省德阳市旌阳区1号")
    wrong = DAMAGES[kind](place, random.Random(1))
    changed = [(a, b) for a, b in zip("旌阳区1号", wrong, strict=True) if a != b]
    ((right, typed),) = changed
    assert typed in others()[right]


def test_the_answer_ends_as_the_input_does():
    damaged = damage(address("陕西省西安市碑林区46号"), "full_width", random.Random(0))
    assert damaged.text == "碑林区４６号"
    assert damaged.answer == "陕西省西安市碑林区４６号"
