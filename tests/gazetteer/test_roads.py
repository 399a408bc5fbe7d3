"""Roads and landmarks speak for the cities that are known to have them, and for no others."""

from __future__ import annotations

import re

import pytest

from buqi.divisions import load_table
from buqi.gazetteer.roads import LANDMARKS_FILE, ROADS_FILE, Landmarks, Roads, cities_of, load_known, without_part

LISTED = [("3301", "文一西路"), ("3203", "苏堤北路"), ("3203", "苏堤南路"), ("3203", "中山路"), ("3301", "中山路")]


@pytest.mark.parametrize(
    ("name", "plain"),
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
def test_a_road_without_its_part(name, plain):
    assert without_part(name) == plain


@pytest.mark.parametrize(
    ("name", "codes", "itself"),
    [
        ("文一西路", ("3301",), True),
        ("苏堤路", ("3203",), False),  # 苏堤北路 and 苏堤南路 are known
        ("中山路", ("3203", "3301"), True),
        ("文二路", (), False),
    ],
)
def test_cities_of_a_road(name, codes, itself):
    assert Roads(LISTED).of(name) == (codes, itself)


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("五角场万达广场3楼", ("31",)),
        ("国定路五角场", ("31",)),
        ("亦庄文化园", ("11",)),
        ("亦庄路8号", ()),  # a road may be named so anywhere
        ("近亦庄文化园", ()),  # two characters further back may be anything
        ("人民路1号", ()),
    ],
)
def test_cities_of_a_landmark(text, codes):
    assert Landmarks([("31", "五角场"), ("11", "亦庄")]).of(text) == codes


@pytest.mark.parametrize("file", [ROADS_FILE, LANDMARKS_FILE])
def test_shipped_lists_name_places_of_the_table_once(file):
    pairs = load_known(file)
    table = load_table()
    assert len(pairs) == len(set(pairs)) > 1000
    assert all(code in table.by_code for code, _ in pairs)
    assert all(2 <= len(name) <= 14 for _, name in pairs)
    assert not [name for _, name in pairs if re.fullmatch("[0-9]+[国省县]道", name)], "they cross many cities"


def test_where_a_name_is_listed():
    assert cities_of("硅谷大街") == ["2201"]
    assert cities_of("五角场") == ["31"]
    assert cities_of("没有这条路") == []
