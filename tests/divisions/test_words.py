"""Words that tell zones, roads and towns apart."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buqi.divisions.words import (
    ANY_ZONE,
    COMMON_ENDS,
    COMMON_PIECE,
    PLACE_ENDINGS,
    PLACE_NAMED_AFTER,
    ROAD_NAMED_AFTER,
    ZONE_KIND,
    ZONE_WORDS,
)


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("高新区科技路", "高新区"),
        ("市经济技术开发区1号", "市经济技术开发区"),
        ("张江高科技园区", ""),  # it has a name of its own
        ("人民路", ""),
    ],
)
def test_a_zone_without_a_name(text, zone):
    found = ANY_ZONE.match(text)
    assert (found.group() if found else "") == zone


def test_what_is_no_name_of_its_own_in_a_zone():
    assert ZONE_KIND.search("武汉东湖新技术开发区").group() == "新技术开发区"
    assert ZONE_WORDS.sub("-", "南照经济开发区") == "南照-"
    assert ZONE_WORDS.sub("-", "科技园路") == "科技园路"


@pytest.mark.parametrize(
    ("behind", "road", "place"),
    [
        ("东路1号", True, True),
        ("大道", True, True),
        ("街道办", False, True),  # a subdistrict of its name
        ("镇", False, True),
        ("道口", False, True),
        ("广场", False, False),
    ],
)
def test_what_is_named_after_something(behind, road, place):
    assert (re.match(ROAD_NAMED_AFTER, behind) is not None) is road
    assert (PLACE_NAMED_AFTER.match(behind) is not None) is place


def test_no_ending_hides_a_longer_one():
    endings = PLACE_ENDINGS.split("|")
    assert len(endings) == len(set(endings))
    hidden = [(a, b) for i, a in enumerate(endings) for b in endings[i + 1 :] if b.startswith(a)]
    assert not hidden


@given(st.from_regex(COMMON_PIECE.pattern).filter(lambda text: "\n" not in text))
def test_every_common_piece_ends_in_one_of_the_characters_that_are_sought(text):
    assert text[-1] in COMMON_ENDS
