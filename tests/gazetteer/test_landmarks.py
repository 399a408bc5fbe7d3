"""Landmarks speak for the cities that are known to have them, and for no others."""

from __future__ import annotations

import pytest

from buqi.gazetteer.landmarks import Landmarks


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
    assert Landmarks([("31", "五角场"), ("11", "亦庄")]).cities(text) == codes
