"""A road fits the cities that have it, the better the fewer others do; a full list speaks by what it lacks."""

from __future__ import annotations

import math

import pytest

from buqi.divisions import load_table
from buqi.gazetteer.mapped_roads import MappedRoads, load_mapped_roads, load_shares, shipped_roads

MAPPED = [("3301", ["文一西路", "人民路"]), ("310104", ["桂林路"])]
OTHERS = [("3203", ["人民路", "苏堤北路"]), ("31", ["人民路"])]
SHARES = {"3301": 0.6, "3203": 0.2, "31": 0.8}


@pytest.fixture(scope="module")
def roads() -> MappedRoads:
    return MappedRoads(MAPPED, OTHERS, SHARES)


def test_cities_of_a_road(roads):
    assert set(roads.fits("文一西路")) == {"3301"}
    assert set(roads.fits("桂林路")) == {"31"}, "of a district of a municipality"
    assert set(roads.fits("人民路")) == {"3301", "3203", "31"}
    assert roads.fits("没有这条路") == {}
    assert roads.mapped["桂林路"] == ["310104"] and "苏堤北路" not in roads.mapped


def test_a_rarer_road_fits_better(roads):
    assert roads.fits("文一西路")["3301"] > roads.fits("人民路")["3301"]


def test_what_a_fuller_list_lacks_says_more(roads):
    assert roads.lacks["31"] < roads.lacks["3301"] < roads.lacks["3203"] < 0
    assert roads.lacks["3301"] == pytest.approx(math.log(0.4))


def test_the_shipped_lists_are_of_places_of_the_table():
    table, pairs = load_table(), list(load_mapped_roads())
    assert sum(len(names) for _, names in pairs) > 45_000
    assert all(code in table.by_code for code, _ in pairs)
    assert "50" in shipped_roads().cities["建新北路"] and shipped_roads() is shipped_roads()
    shares = load_shares()
    assert all(code in table.by_code and 0 < share < 1 for code, share in shares.items())
    assert shares["31"] > 0.7 > shares["3301"] > 0.3
