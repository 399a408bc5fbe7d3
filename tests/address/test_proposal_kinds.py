"""What can be relied on in an address."""

from __future__ import annotations

import pytest

from buqi.address.counties import Counties
from buqi.address.parsed import ParsedAddress
from buqi.address.proposal_kinds import PROPOSAL_KINDS, kind_of
from buqi.divisions import load_matcher

MATCHER = load_matcher()
KIND_BY_TEXT = {
    "硅谷大街1198号": "bare",
    "高新区硅谷大街1198号": "zone_first",
    "杭州市建国路304号": "city_only",
    "鼓楼区中央路1号": "tied",
    "城关镇人民路": "tied_towns",
    "陇西线巩昌镇1号": "uncertain",
    "石景删区古城西街南口": "mistyped",
    "碑林区文昌路1号": "full_name",
}


@pytest.fixture(scope="module")
def counties() -> Counties:
    return Counties(MATCHER)


@pytest.mark.parametrize(("text", "kind"), KIND_BY_TEXT.items())
def test_kinds(counties, text, kind):
    assert kind_of(ParsedAddress(MATCHER.match(text), MATCHER, counties)) == kind


def test_every_kind_has_an_example():
    assert set(KIND_BY_TEXT.values()) == set(PROPOSAL_KINDS)
