"""Rows made of the division table."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from buqi.divisions import load_table
from buqi.errors import UsageError
from buqi.synthesis import build_rows, counties_of
from buqi.synthesis.build import invent
from buqi.synthesis.shares import OF_REGION
from buqi.task import ADDRESS


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
    for kind, share in OF_REGION.items():
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


def test_every_county_can_be_invented():
    rng = random.Random(0)
    for county in counties_of("全国"):
        made = invent(county, rng, town_first=True)
        assert load_table().read(made.text)[0].codes.items() >= load_table().path(county.code).codes.items()
