"""Names of the table further back in an address, or not in full, speak for the counties that have them."""

from __future__ import annotations

import numpy as np
import pytest

from buqi.address.evidence.mentions import NAMES
from buqi.address.proposals import Proposer
from buqi.divisions import load_matcher
from buqi.places.memory import empty_memory


@pytest.fixture(scope="module")
def proposer() -> Proposer:
    return Proposer(load_matcher(), empty_memory())


def counties(proposer: Proposer, rest: str, name: str) -> list[str]:
    """Codes of the counties for which a feature speaks."""
    column = proposer.mentions.of(rest, rest)[:, NAMES.index(name)]
    return [proposer.counties[i] for i in np.flatnonzero(column)]


@pytest.mark.parametrize(
    ("rest", "name", "county"),
    [
        ("银河工业园区(马仲河镇)", "mention_town", "211224"),  # 昌图县
        ("张黄工业园区富康大道", "town_zone", "370827"),  # 张黄镇, 鱼台县
        ("张黄工业园区富康大道", "stem", "370827"),
        ("开发区大鲁店一村5号", "mention_village", "110105"),  # 黑庄户乡, 朝阳区
        ("经济开发区昌大路2号", "own", "370725"),  # 昌乐县
        ("人民路1号(延吉市)", "mention", "222401"),
        ("高新区硅谷大街1号", "zone_road", "220104"),  # 朝阳区 and all others of 长春市
        ("硅谷大街1号", "road", "220104"),
        ("东湖新技术开发区关山大道1号", "zone", "420111"),  # 洪山区, 武汉市
        ("五角场万达广场", "landmark", "310110"),
    ],
)
def test_what_speaks_for_a_county(proposer, rest, name, county):
    assert county in counties(proposer, rest, name)


@pytest.mark.parametrize(
    ("rest", "name"),
    [
        ("经济开发区工业街1号", "town_zone"),  # 经济 is no town before a zone that has no name
        ("人民路1号", "mention_town"),
        ("人民路1号", "mention_village"),
        ("", "own"),
    ],
)
def test_what_speaks_for_none(proposer, rest, name):
    assert counties(proposer, rest, name) == []


def test_a_subdistrict_is_found_by_the_town_it_was(proposer):
    whole = proposer.matcher.evidence.whole
    assert len(whole.counties("仓前镇")) == 0
    assert "330110" in counties(proposer, "高新区(仓前镇)", "mention_town")


def test_whole_names(proposer):
    whole = proposer.matcher.evidence.whole
    assert [proposer.counties[i] for i in whole.counties("马仲河镇")] == ["211224"]
    assert len(whole.counties("马仲河")) == 0  # nothing but whole names
    assert len(whole.counties("")) == 0
