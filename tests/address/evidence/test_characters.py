"""A road that begins with characters of a county's name speaks for the county."""

from __future__ import annotations

from buqi.address.evidence.characters import CountyCharacters
from tests.address.evidence.conftest import counties


def test_a_road_named_after_its_county(resources):
    found = counties(CountyCharacters(resources), "own_characters", "经济开发区昌大路2号")
    assert "370725" in found and "110101" not in found, "昌乐县 has 昌; 东城区 has not"


def test_no_road_says_nothing(resources):
    assert counties(CountyCharacters(resources), "own_characters", "") == []
