from __future__ import annotations

import random
from collections import Counter

import pytest

from buqi.divisions import load_table
from buqi.divisions.names import short_name
from buqi.errors import UsageError
from buqi.synthesis import build_rows, counties_of
from buqi.synthesis.build import invent
from buqi.synthesis.confusions import homophones, lookalikes, near_sounds
from buqi.synthesis.damage import KINDS, SHARES, FullAddress, damage
from buqi.task import ADDRESS


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
    assert KINDS[kind](address(text), random.Random(0)) == expected


def test_typo_changes_one_character_by_its_sound():
    wrong = KINDS["typo"](address("陕西省西安市碑林区1号"), random.Random(3))
    changed = [(a, b) for a, b in zip("碑林区1号", wrong, strict=True) if a != b]
    assert len(changed) == 1
    assert changed[0][1] in homophones()[changed[0][0]]


def test_what_cannot_be_undone_is_not_done():
    damaged = damage(address("江苏省南京市鼓楼区中山路1号"), "prefix_missing", random.Random(0))
    assert (damaged.kind, damaged.text) == ("city_first", "南京市鼓楼区中山路1号")


@pytest.mark.parametrize(("kind", "others"), [("near_sound", near_sounds), ("lookalike", lookalikes)])
def test_mistyped_characters_are_of_their_kind(kind, others):
    place = address("四川省德阳市旌阳区1号")
    wrong = KINDS[kind](place, random.Random(1))
    changed = [(a, b) for a, b in zip("旌阳区1号", wrong, strict=True) if a != b]
    assert len(changed) == 1
    assert changed[0][1] in others()[changed[0][0]]


def test_the_answer_ends_as_the_input_does():
    damaged = damage(address("陕西省西安市碑林区46号"), "full_width", random.Random(0))
    assert damaged.text == "碑林区４６号"
    assert damaged.answer == "陕西省西安市碑林区４６号"


def test_built_rows_are_true_seeded_and_of_the_natural_kinds():
    counties = counties_of("西安市,宝鸡市")
    rows = build_rows(counties, 800)
    assert build_rows(counties, 800) == rows
    assert build_rows(counties, 800, seed=1) != rows
    assert len({r.src for r in rows}) == 800
    for row in rows:
        path, detail = load_table().read(row.tgt[0])
        assert path.codes["county"] == row.meta["county"]
        assert ADDRESS.text_of(row.src[0]).endswith(detail)
        assert row.src[0].startswith("补齐五级行政地址: ")
    kinds = Counter(r.meta["damage"] for r in rows)
    for kind, share in SHARES.items():
        assert abs(kinds[kind] / 800 - share) < 0.08, kind
    assert len({r.meta["county"] for r in rows}) == 25


def test_places_that_few_people_write_to_are_rare_beside_others():
    rows = build_rows(counties_of("全国"), 4000)
    far = [row for row in rows if row.tgt[0].startswith("台湾省")]
    assert 0.008 < len(far) / 4000 < 0.03
    assert any(row.tgt[0].startswith("香港") for row in rows)
    assert all(row.tgt[0].startswith("台湾省") for row in build_rows(counties_of("台湾省"), 40))


def test_regions():
    assert len(counties_of("西安市，宝鸡市")) == 25
    assert [d.name for d in counties_of("扶风县")] == ["扶风县"]
    assert [d.name for d in counties_of("东莞市")] == ["东莞市"]
    assert len(counties_of("全国")) > 2840
    with pytest.raises(UsageError, match="none in the table"):
        counties_of("阿特兰蒂斯市")
    with pytest.raises(UsageError, match="江苏省南京市鼓楼区"):
        counties_of("鼓楼区")


@pytest.mark.parametrize(
    ("name", "short"),
    [("碑林区", "碑林"), ("凤县", "凤县"), ("五峰土家族自治县", "五峰"), ("恩施土家族苗族自治州", "恩施"),
     ("内蒙古自治区", "内蒙古"), ("神农架林区", "神农架"), ("西双版纳傣族自治州", "西双版纳"), ("两江新区", "两江")],
)  # fmt: skip
def test_short_names(name, short):
    assert short_name(name) == short


def test_every_county_can_be_invented():
    rng = random.Random(0)
    for county in counties_of("全国"):
        made = invent(county, rng, town_first=True)
        assert load_table().read(made.text)[0].codes.items() >= load_table().path(county.code).codes.items()
