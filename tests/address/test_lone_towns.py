"""A town by nothing but its name without its kind."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buqi.address.lone_towns import SIGHT, SIGHT_LAST, LoneTowns
from buqi.divisions import load_matcher


@pytest.fixture(scope="module")
def towns() -> LoneTowns:
    return LoneTowns(load_matcher())


@pytest.mark.parametrize(
    ("text", "name"), [("甪直", "甪直镇"), ("甪直古镇", "甪直镇"), ("洛带古镇", "洛带镇"), ("漕河泾", "漕河泾街道")]
)
def test_the_only_town_of_a_name_is_found(towns: LoneTowns, text: str, name: str) -> None:
    assert towns.table.names[towns.find(text)] == name


@pytest.mark.parametrize(
    "text",
    [
        "周庄",  # many towns
        "同里",  # a village elsewhere
        "青海湖",  # a lake
        "城关",
        "杭州",
        "甪直古镇南门",
        "古镇",
        "",
    ],
)
def test_other_names_are_no_town(towns: LoneTowns, text: str) -> None:
    assert towns.find(text) == ""


@given(st.from_regex(SIGHT.pattern))
def test_every_sight_ends_in_one_of_the_characters_that_are_sought(text):
    assert text[-1] in SIGHT_LAST
