"""Names of the table further back in an address, or not in full, speak for the counties that have them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buqi.address.evidence.mentions import ZONE_SIGN, Mentions
from buqi.divisions.words import ANY_ZONE
from tests.address.evidence.conftest import counties


@pytest.fixture(scope="module")
def mentions(resources) -> Mentions:
    return Mentions(resources)


@pytest.mark.parametrize(
    ("rest", "column", "county"),
    [
        ("银河工业园区(马仲河镇)", "mention_town", "211224"),  # 昌图县
        ("张黄工业园区富康大道", "town_zone", "370827"),  # 张黄镇, 鱼台县
        ("张黄工业园区富康大道", "stem", "370827"),
        ("开发区大鲁店一村5号", "mention_village", "110105"),  # 黑庄户乡, 朝阳区
        ("人民路1号(延吉市)", "mention", "222401"),
        ("浏阳工业园", "front", "430181"),
    ],
)
def test_what_speaks_for_a_county(mentions, rest, column, county):
    assert county in counties(mentions, column, rest)


@pytest.mark.parametrize(
    ("rest", "column"),
    [
        ("经济开发区工业街1号", "town_zone"),  # 经济 is no town before a zone that has no name
        ("人民路1号", "mention_town"),
        ("人民路1号", "mention_village"),
    ],
)
def test_what_speaks_for_none(mentions, rest, column):
    assert counties(mentions, column, rest) == []


def test_a_subdistrict_is_found_by_the_town_it_was(mentions):
    whole = mentions.resources.matcher.small_names.whole
    assert len(whole.counties("仓前镇")) == 0
    assert "330110" in counties(mentions, "mention_town", "高新区(仓前镇)")


def test_a_village_of_two_characters_is_a_short_one(mentions):
    assert "310104" in counties(mentions, "mention_village_short", "开发区华阳村")


def test_whole_names(mentions):
    whole, codes = mentions.resources.matcher.small_names.whole, mentions.counties.codes
    assert [codes[i] for i in whole.counties("马仲河镇")] == ["211224"]
    assert len(whole.counties("马仲河")) == 0  # nothing but whole names
    assert len(whole.counties("")) == 0


@given(st.from_regex(ANY_ZONE.pattern, fullmatch=True))
def test_every_zone_has_the_sign_that_is_sought(zone):
    assert ZONE_SIGN.search(zone)
