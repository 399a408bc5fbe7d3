"""Names at the end of an address, from the smallest."""

from __future__ import annotations

import pytest

from buqi.address.tail_names import TailNames
from buqi.divisions import load_table


@pytest.fixture(scope="module")
def tail() -> TailNames:
    return TailNames(load_table())


@pytest.mark.parametrize(
    ("text", "cut", "names"),
    [
        ("文三路478号西湖区杭州浙江", 7, "浙江杭州西湖区"),
        ("文三路478号，翠苑街道，西湖区，杭州", 7, "杭州西湖区翠苑街道"),
        ("天河路385号 天河区 广州 广东 中国", 7, "中国广东广州天河区"),
        ("人民路5号吉首市湖南", 5, "湖南吉首市"),  # a level is left out
        ("莞樟路3号东城街道东莞", 5, "东莞东城街道"),  # a city without counties
        ("金山大道23号 福州市仓山区 福建", 7, "福建福州市仓山区"),  # not all of them from the smallest
        ("中兴路9号 射阳县合德镇 江苏盐城", 5, "江苏盐城射阳县合德镇"),
        ("人民路12号 昆山 江苏", 6, "江苏昆山市"),  # between separators a short name counts
        ("景洪市西双版纳", 0, "西双版纳景洪市"),
    ],
)
def test_what_ends_a_text(tail, text, cut, names):
    assert tail.read(text) == (cut, names)


@pytest.mark.parametrize(
    "text",
    ["人民路12号昆山江苏", "文三路478号杭州", "文三路478号杭州浙江", "江苏省苏州市常熟市", "中国", "人民路8号", ""],
)
def test_a_county_and_what_is_around_it_are_needed(tail, text):
    assert tail.read(text)[1] == ""
