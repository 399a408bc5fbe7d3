"""Which names leave no doubt."""

from __future__ import annotations

import pytest

from buqi.synthesis import counties_of
from buqi.synthesis.atlas import Atlas, bare_village
from buqi.synthesis.unambiguous import former_names


@pytest.fixture(scope="module")
def atlas():
    return Atlas(counties_of("陕西省"))


def by_name(divisions):
    return {d.name for d in divisions}


def test_lists_hold_what_they_say(atlas):
    assert "法门镇" in by_name(atlas.unique_towns) and "城关镇" in by_name(atlas.shared_towns)
    assert not by_name(atlas.unique_towns) & by_name(atlas.shared_towns)
    assert "新城区" in by_name(atlas.shared_counties) and "扶风县" not in by_name(atlas.shared_counties)
    assert {d.code for d in atlas.renamed_counties} == {d.code for d in atlas.usual} & former_names().keys()
    assert all(len(d.name) > 3 for d in atlas.long_counties)


def test_a_beginning_leaves_no_doubt(atlas):
    heads = {atlas.path(d).full: (atlas.sure_head(d), atlas.short_head(d)) for d in atlas.counties}
    assert heads["陕西省宝鸡市扶风县"] == ("扶风县", "扶风")
    assert heads["陕西省西安市新城区"] == ("西安市新城区", "西安市新城区")


def test_only_whole_cities_and_provinces_have_names_of_lists(atlas):
    assert {"61", "6101", "610324"} <= atlas.around
    two = Atlas(counties_of("扶风县,岐山县"))
    assert two.around == {"610324", "610323"} and not two.roads


def test_villages_without_what_they_are():
    assert bare_village("罗家村村民委员会") == "罗家" and bare_village("中央路社区居委会") == "中央路"


def test_what_an_eighth_of_takes_part():
    atlas = Atlas(counties_of("全国"))
    assert len(atlas.sparse) > 300 and not {d.code for d in atlas.sparse} & {d.code for d in atlas.usual}
    alone = Atlas(counties_of("台湾省"))
    assert alone.usual == alone.sparse
