"""The forms of an address, each made once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buqi.address import parsed
from buqi.address.counties import Counties
from buqi.address.parsed import ROOM, ParsedAddress, without_room
from buqi.divisions import load_matcher

MATCHER = load_matcher()


@pytest.fixture(scope="module")
def counties() -> Counties:
    return Counties(MATCHER)


def parse(text: str, counties: Counties) -> ParsedAddress:
    return ParsedAddress(MATCHER.match(text), MATCHER, counties)


def test_the_forms_of_an_address_with_a_county_in_full(counties):
    found = parse("鼓楼区 中央路１号", counties)
    assert (found.whole, found.rest, found.asked) == ("鼓楼区中央路1号", "中央路1号", "中央路1号")
    assert found.names == ["中央路"] and found.asked_names is found.names
    assert found.place.rstrip() == "中央路" and found.asked_place is found.place
    assert {"320106", "350102"} <= {counties.codes[number] for number in found.candidates}


def test_a_short_name_may_be_no_division(counties):
    found = parse("扶风法门寺路1号", counties)
    assert found.rest == "法门寺路1号" and found.asked == found.whole == "扶风法门寺路1号"


def test_an_address_without_divisions(counties):
    found = parse("市云南路8号", counties)
    assert found.whole == found.rest == "云南路8号", "what is left of a city's name is no part"
    assert found.candidates == {} and found.best is None


def test_a_zones_kind_has_no_pieces(counties):
    assert parse("高新区科技路8号", counties).place.rstrip() == "科技路"


def test_hong_kong_has_no_numbered_county(counties):
    assert parse("香港特别行政区", counties).candidates == {}


@pytest.mark.parametrize(
    ("text", "in_full"), [("普陀区宁夏路777号", True), ("城区宁夏路777号", False), ("扶风法门寺", False), ("", False)]
)
def test_what_is_named_in_full(counties, text, in_full):
    assert parse(text, counties).is_named_in_full is in_full


def test_names_are_looked_for_once(counties, monkeypatch):
    calls = []
    monkeypatch.setattr(parsed, "place_names", lambda text: calls.append(text) or [])
    found = parse("硅谷大街1198号", counties)
    for _ in range(3):
        assert found.names == found.asked_names == []
    assert calls == ["硅谷大街1198号"]


@given(st.from_regex(ROOM.pattern).filter(lambda text: "\n" not in text))
def test_every_room_ends_as_one_is_sought(text):
    assert without_room(text) == ROOM.sub("", text) != text
