"""Every county that may be an answer has a number."""

from __future__ import annotations

import pytest

from buqi.address.counties import Counties
from buqi.address.marks import Marks, every
from buqi.divisions import load_matcher
from buqi.gazetteer.mapped_roads import load_roads


@pytest.fixture(scope="module")
def counties() -> Counties:
    return Counties(load_matcher())


@pytest.mark.parametrize("code", ["460202", "330383", "441900", "429004"])
def test_every_county_can_be_an_answer(counties, code):
    code = code.removesuffix("00")  # 东莞 has no counties and stands for itself
    assert code in counties.below, "三亚's districts and 龙港市 have no towns"


def test_no_county_of_hong_kong_is_weighed(counties):
    assert not any(code.startswith(("71", "81", "82")) for code in counties.codes)
    assert counties.around("81") is None


def test_what_lies_under_a_division(counties):
    assert {counties.codes[i] for i in counties.below["3201"]} >= {"320102", "320106"}
    assert len(counties.below["320106"]) == 1 and len(counties) == len(counties.codes) == len(counties.number)


def test_the_city_of_a_county(counties):
    def city(code: str) -> int:
        return counties.city[counties.number[code]]

    assert city("320102") == counties.cities["3201"] and city("310110") == counties.cities["31"]
    assert city("429004") == counties.cities["429004"], "a county without a city stands for itself"


def test_no_city_of_the_lists_of_roads_is_left_out(counties):
    roads = load_roads()
    assert {*roads.size, *roads.lacks} <= {*counties.cities}


def test_a_town_means_its_county(counties):
    town = counties.table.towns_below("320106")[0].code
    assert counties.around(town).tolist() == [counties.number["320106"]]


def test_a_column_is_raised_and_never_lowered(counties):
    marks = Marks()
    counties.raise_to(0.5, ["3201", "no such code"], marks)
    counties.raise_to(0.2, ["320106"], marks)
    counties.raise_to(-1.0, ["350102"], marks)
    column = every(marks, len(counties))
    assert column[counties.number["320106"]] == 0.5 and column[counties.number["320102"]] == 0.5
    assert column[counties.number["350102"]] == 0.0
