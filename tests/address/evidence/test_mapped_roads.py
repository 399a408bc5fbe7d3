"""Maps speak for the cities that have a road, and against those whose full list lacks it."""

from __future__ import annotations

import pytest

from buqi.address.evidence.mapped_roads import RoadsOfMaps
from tests.address.evidence.conftest import counties, parsed, said


@pytest.fixture(scope="module")
def roads(resources) -> RoadsOfMaps:
    return RoadsOfMaps(resources)


def test_a_mapped_road_speaks_for_its_city(roads):
    found = counties(roads, "mapped", "万松岭路1号")
    assert "330102" in found and all(code.startswith("3301") for code in found), "杭州市 alone"


def test_a_list_with_districts_speaks_for_the_district(roads):
    found = counties(roads, "mapped", "延吉中路77号")
    assert "310110" in found and "310115" not in found


def test_a_full_list_that_lacks_the_road_speaks_against_its_city(roads):
    known = said(roads, parsed(roads.resources, "万松岭路1号"))
    number = roads.counties.number
    lacks, fits = known["road_lacks"], known["road_fits"]
    assert lacks[number["330102"]] == 0 < fits[number["330102"]]
    assert lacks[number["310110"]] < lacks[number["320302"]] < 0, "上海's list is fuller than 徐州's"


def test_a_text_without_a_road_says_nothing(roads):
    assert said(roads, parsed(roads.resources, "金色家园3栋")) == {}


def test_no_county_lies_in_two_cities_of_the_lists(roads):
    cities = {*roads.roads.size, *roads.roads.lacks}
    assert not [city for city in cities for other in cities if city != other and city.startswith(other)]
