"""Wares and brands that are named after a place."""

from __future__ import annotations

import pytest

from buqi.address.known_wares import is_known_ware
from buqi.divisions import load_matcher


@pytest.mark.parametrize(
    "text",
    [
        "景德镇瓷器店",
        "黄山毛峰茶庄",
        "阳澄湖大闸蟹专卖店",
        "武夷山大红袍",
        "新疆和田玉",
        "贵州茅台酒",
        "阿里巴巴滨江园区",
        "阿里云计算有限公司",
        "吉利汽车大厦",
    ],
)
def test_a_ware_or_its_shop_names_no_place(text: str) -> None:
    assert is_known_ware(load_matcher().match(text))


@pytest.mark.parametrize(
    "text",
    [
        "青岛啤酒厂",
        "景德镇陶瓷大学",
        "黄山毛峰路5号",
        "杭州市西湖区文三路5号黄山毛峰茶庄",
        "阿里昆莎机场",
        "阿里地区噶尔县",
        "阿里",
        "吉利汽车站",
        "杭州市滨江区阿里巴巴滨江园区",
        "都匀毛尖",  # a town is called so
    ],
)
def test_a_place_beside_it_is_read(text: str) -> None:
    assert not is_known_ware(load_matcher().match(text))
