"""The recipe names only what exists, and its numbers are those that the shipped model was fitted with."""

from __future__ import annotations

import pytest

from buqi.address.evidence import FEATURES
from buqi.fitting.recipe import RECIPE


def test_every_name_exists():
    assert {RECIPE.slice_of(way) for way in RECIPE.ways} <= RECIPE.slices.keys()
    assert {*RECIPE.natural.forms.values(), *RECIPE.natural.weights} <= RECIPE.slices.keys()
    assert RECIPE.first_weights.keys() <= set(FEATURES)


def test_shares_are_those_of_all_addresses():
    assert sum(slice_.share for slice_ in RECIPE.slices.values()) == pytest.approx(1.0, abs=0.01)


def test_caps_are_those_of_the_kinds_without_a_sure_name():
    table, memory = RECIPE.caps(), RECIPE.caps(memory=True)
    assert table == {
        "town_first": 0.04, "county_typo": 0.02, "natural_town_first": 0.05, "county_ambiguous": 0.05,
        "zone_first": 0.06, "road_first": 0.05, "estate_first": 0.05, "place_first": 0.12, "other_bare": 0.04,
        "no_place": 0.03,
    }  # fmt: skip
    assert memory == table | {"county_ambiguous": 0.03, "city_road": 0.10}
