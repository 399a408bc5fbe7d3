"""Names lose the words that say their kind, and nothing else."""

from __future__ import annotations

import pytest

from buqi.divisions.stems import plain_town, region_stem, road_stem, town_stem, village_stem, without_county


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("濮阳县鲁河镇", "鲁河"),
        ("四平市铁东区北门街道", "北门"),
        ("鲁河镇", "鲁河"),
        ("城区街道", "城区"),
        ("市区镇", "市区"),
    ],
)
def test_towns(name, stem):
    assert town_stem(name) == stem
    assert without_county(name).startswith(stem)


@pytest.mark.parametrize(
    ("listed", "plain"), [("八角街道办事处", "八角街道"), ("南磨房地区办事处", "南磨房地区"), ("法门镇", "法门镇")]
)
def test_plain_town(listed, plain):
    assert plain_town(listed) == plain


@pytest.mark.parametrize(
    ("name", "stem"), [("临安市", "临安"), ("五峰土家族自治县", "五峰土家族"), ("恩施地区", "恩施"), ("澳门", "澳门")]
)
def test_regions(name, stem):
    assert region_stem(name) == stem


@pytest.mark.parametrize(
    ("name", "stem"),
    [("罗家村村民委员会", "罗家村"), ("中央路社区居委会", "中央路"), ("东社区", "东社区"), ("天度村委会", "天度")],
)
def test_villages(name, stem):
    assert village_stem(name) == stem


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("苏堤北路", "苏堤"),
        ("文一西路", ""),  # one character says too little
        ("南京东路", "南京"),
        ("人民大道", "人民"),
        ("科技一路", "科技"),
        ("法门寺", ""),
        ("东大街", ""),
    ],
)
def test_roads(name, stem):
    assert road_stem(name) == stem
