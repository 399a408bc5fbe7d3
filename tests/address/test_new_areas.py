"""New areas that are called by the short name of a county or city."""

from __future__ import annotations

import pytest

from buqi.address.new_areas import begins_new_area
from buqi.divisions import load_matcher


@pytest.mark.parametrize(
    ("text", "area"),
    [
        ("南沙新区港前大道1号", True),
        ("福州新区", True),
        ("浙江舟山群岛新区", True),
        ("海门新区张謇大道", True),
        ("苏州新区狮山路1号", False),  # a part of the city
        ("南沙新区路1号", False),  # a road
        ("南沙区新区1号", False),
    ],
)
def test_a_short_name_begins_the_name_of_a_new_area(text: str, area: bool) -> None:
    used = load_matcher().match(text).candidates[0].used
    assert begins_new_area(text, used[-1]) is area
