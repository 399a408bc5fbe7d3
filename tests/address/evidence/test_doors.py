"""How doors are written tells regions apart."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from buqi.address.evidence.doors import FORMS, DoorForms, area_of, forms_in, forms_of, load_doors, ratios_in
from buqi.address.marks import every
from buqi.divisions import load_table
from tests.address.evidence.conftest import parsed


@pytest.mark.parametrize(
    ("text", "area"),
    [
        ("64弄26号", "31"),
        ("附3号2单元", "50"),
        ("十二委6组", "2301"),
        ("二环南三段9号", "5101"),
        ("甲12号院3号楼", "11"),
    ],
)
def test_what_is_written_in_one_region(text, area):
    codes, ratios = load_doors()
    found = ratios[forms_in(text)].sum(0)
    assert found[codes.index(area)] > np.median(found) + 1.0


def test_it_speaks_for_the_counties_of_the_region(resources):
    found = every(DoorForms(resources).features(parsed(resources, "64弄26号"))["doors"], len(resources.counties))
    assert found[resources.counties.number["310110"]] > np.median(found) + 1.0


def test_an_area_without_numbers_and_a_text_without_forms_say_nothing():
    assert ratios_in(["9999"])[forms_in("64弄26号")].sum(0).tolist() == [0.0]
    assert not ratios_in(load_doors()[0])[forms_in("人民")].any()


def test_shipped_numbers_are_whole():
    codes, ratios = load_doors()
    assert ratios.shape == (len(FORMS), len(codes)) and len(set(codes)) == len(codes)
    assert np.isfinite(ratios).all()


def test_a_county_without_a_city_stands_with_its_province():
    table = load_table()
    assert area_of(table, "310101") == "31" and area_of(table, "320102") == "3201"
    assert area_of(table, "429004") == "42"


@given(st.sampled_from(range(len(FORMS))).flatmap(lambda n: st.tuples(st.just(n), st.from_regex(FORMS[n]))))
def test_every_form_is_sought_by_a_character_that_it_has(pair):
    number, text = pair
    assert number in forms_of(text)
