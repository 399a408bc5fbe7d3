"""The shipped lists name places of the table, each once."""

from __future__ import annotations

import re

import pytest

from buqi.divisions import load_table
from buqi.gazetteer.lists import LANDMARKS, ROADS, cities_of, load_names


@pytest.mark.parametrize("file", [ROADS, LANDMARKS])
def test_places_of_the_table_once(file):
    pairs = load_names(file)
    table = load_table()
    assert len(pairs) == len(set(pairs)) > 1000
    assert all(code in table.by_code for code, _ in pairs)
    assert all(2 <= len(name) <= 14 for _, name in pairs)
    assert not [name for _, name in pairs if re.fullmatch("[0-9]+[国省县]道", name)], "they cross many cities"


def test_where_a_name_is_listed():
    assert cities_of("硅谷大街") == ["2201"]
    assert cities_of("五角场") == ["31"]
    assert cities_of("万松岭路") == ["3301"], "on the map alone"
    assert cities_of("龙里北站") == ["5227"], "on an official list"
    assert cities_of("没有这条路") == []
