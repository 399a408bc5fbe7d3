"""Short names of a county and of a town or landmark in it, side by side."""

from __future__ import annotations

import pytest

from buqi.address.agreeing import AgreeingNames
from buqi.divisions import load_matcher
from buqi.divisions.text import read


@pytest.fixture(scope="module")
def names() -> AgreeingNames:
    return AgreeingNames(load_matcher())


@pytest.mark.parametrize(
    ("text", "town"),
    [
        ("南山 蛇口", "蛇口街道"),
        ("增城新塘", "新塘镇"),
        ("乐清柳市", "柳市镇"),
        ("普陀 长风", "长风新村街道"),
        ("西城 金融街", "金融街街道"),
        ("广东南山蛇口", "蛇口街道"),
        ("江北庄桥车站路3号", "庄桥街道"),
    ],
)
def test_a_county_and_its_town_are_found(names: AgreeingNames, text: str, town: str) -> None:
    pair = names.find(read(text))
    assert pair is not None and names.towns.table.names[pair.code] == town


def test_a_landmark_of_the_county_s_city_tells_the_county_behind_a_separator(names: AgreeingNames) -> None:
    pair = names.find(read("天河 岗顶"))
    assert pair is not None and pair.code == "440106" and pair.end == 2
    assert names.find(read("天河岗顶")) is None


@pytest.mark.parametrize("text", ["天河 体育西", "天河,体育西路", "宝山 共康", "西湖 文三路", "海珠 江南西 5号"])
def test_a_road_of_the_county_s_city_tells_it_too(names: AgreeingNames, text: str) -> None:
    pair = names.find(read(text))
    assert pair is not None and len(pair.code) == 6 and pair.end == 2


def test_a_former_county_is_told(names: AgreeingNames) -> None:
    pair = names.find(read("南市区老西门"))
    assert pair is not None and pair.former == "南市区"


@pytest.mark.parametrize(
    "text",
    [
        "武昌中南路2号",  # a road
        "南山蛇口路",
        "南山蛇口工业园",
        "南山 花桥",  # of another county
        "平安大街",
        "平安 人民路",  # a common word
        "天河 张伟",
        "天河体育西",
        "",
    ],
)
def test_other_texts_have_no_pair(names: AgreeingNames, text: str) -> None:
    assert names.find(read(text)) is None
