"""Roads that are known to lie in a city speak for all of its counties."""

from __future__ import annotations

import pytest

from buqi.address.evidence.roads import KnownRoads
from tests.address.evidence.conftest import counties, parsed, said


@pytest.fixture(scope="module")
def roads(resources) -> KnownRoads:
    return KnownRoads(resources)


def test_a_known_road_speaks_for_its_city(roads):
    found = counties(roads, "road", "文一西路969号")
    assert "330110" in found and all(code.startswith("3301") for code in found), "杭州市 alone"
    assert "220104" in counties(roads, "road", "硅谷大街1号"), "长春市"


def test_a_road_named_alike_says_less(roads):
    assert "320302" in counties(roads, "road_akin", "苏堤东路8号"), "苏堤路 is in 徐州市"
    assert counties(roads, "road_akin", "苏堤路8号") == []


def test_a_road_of_many_cities_is_divided_among_them(roads):
    number = roads.counties.number["330110"]
    known = said(roads, parsed(roads.resources, "文一西路969号"))
    common = said(roads, parsed(roads.resources, "人民路1号"))
    assert known["road_share"][number] == 1.0
    assert 0 < common["road_share"].max() < common["road"].max() < 1
