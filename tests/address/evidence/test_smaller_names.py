"""Pieces of the names of towns and villages speak for the counties that have them."""

from __future__ import annotations

import numpy as np

from buqi.address.evidence.base import LIMIT
from buqi.address.evidence.smaller_names import SmallerNames
from tests.address.evidence.conftest import parsed


def test_a_road_in_the_name_of_a_community(resources):
    pieces = SmallerNames(resources).features(parsed(resources, "中央路1号"))["pieces"]
    number = resources.counties.number
    assert pieces[number["320106"]] > pieces[number["350102"]], "鼓楼区 in 南京市, not the one in 福州市"
    assert np.abs(pieces).max() <= LIMIT


def test_without_any_text_only_the_size_speaks(resources):
    found = SmallerNames(resources).features(parsed(resources, ""))
    number = resources.counties.number
    assert "pieces" not in found
    assert found["size"][number["110105"]] > found["size"][number["542524"]], "朝阳区 in 北京市, 日土县"


def test_a_zones_kind_says_nothing_about_where_it_lies(resources):
    kind = SmallerNames(resources)
    with_kind, alone = (kind.features(parsed(resources, text))["pieces"] for text in ("南照经济开发区", "南照"))
    assert np.allclose(with_kind, alone) and with_kind.any()
