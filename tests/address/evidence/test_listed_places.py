"""Places of official lists speak for their city wherever they stand."""

from __future__ import annotations

import pytest

from buqi.address.evidence.listed_places import PlacesOfLists
from tests.address.evidence.conftest import counties


@pytest.fixture(scope="module")
def places(resources) -> PlacesOfLists:
    return PlacesOfLists(resources)


@pytest.mark.parametrize(
    ("column", "text", "city"),
    [
        ("university", "延安大学西门", "6106"),
        ("university", "8号楼（浙江大学紫金港校区）", "3301"),
        ("station", "杭州东站出口", "3301"),
        ("village", "爨底下村3号", "1101"),
    ],
)
def test_a_place_speaks_for_its_city(places, column, text, city):
    found = counties(places, column, text)
    assert found and all(code.startswith(city) for code in found)


def test_other_texts_say_nothing(places):
    assert counties(places, "university", "延安大学路3号") == []
    assert counties(places, "station", "人民路1号") == []
