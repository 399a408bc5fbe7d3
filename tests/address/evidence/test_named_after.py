"""What is named after its place speaks for that place, works more than roads, rare names more than common ones."""

from __future__ import annotations

import pytest

from buqi.address.evidence.named_after import NAMES_OF, NamedAfterPlaces, load_shares
from tests.address.evidence.conftest import counties, parsed, said


@pytest.fixture(scope="module")
def names(resources) -> NamedAfterPlaces:
    return NamedAfterPlaces(resources)


@pytest.mark.parametrize(
    ("text", "city"),
    [("遂宁大桥桥头8号", "5109"), ("解放路淮安电厂宿舍", "3208"), ("延安大学西门", "6106"), ("绵阳汽车站对面", "5107")],
)
def test_the_place_it_is_named_after(names, text, city):
    found = counties(names, "named_after", text)
    assert any(code.startswith(city) for code in found)


def test_works_say_more_than_homes_and_a_road_has_its_own_column(names):
    number = names.counties.number["510903"]
    works = said(names, parsed(names.resources, "遂宁电厂"))["named_after"][number]
    home = said(names, parsed(names.resources, "遂宁花园"))["named_after"][number]
    assert works > home > 0
    road = said(names, parsed(names.resources, "遂宁路8号"))
    assert "named_after" not in road and road["named_after_road"][number] > 0


def test_a_name_that_many_villages_bear_says_less(names):
    rare = said(names, parsed(names.resources, "遂宁大厦"))["named_after"].max()
    common = said(names, parsed(names.resources, "新城大厦"))["named_after"].max()
    assert rare > common


def test_every_kind_was_counted():
    shares = load_shares()
    assert {kind for kind, _ in shares} == set(NAMES_OF)
    assert all(0 < share < 1 for of in shares.values() for share in of)
