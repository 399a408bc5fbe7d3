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


def test_caps_are_looser_with_a_memory():
    table, memory = RECIPE.caps(), RECIPE.caps(memory=True)
    assert table == {"town_first": 0.04, "county_typo": 0.02, "natural_town_first": 0.05}
    assert memory == table | {
        "county_ambiguous": 0.04, "zone_first": 0.10, "road_first": 0.10, "city_road": 0.10, "other_bare": 0.08,
    }  # fmt: skip
    assert all(table[name] <= cap for name, cap in memory.items() if name in table)
