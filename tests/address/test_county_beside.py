"""Another county beside the one that an answer follows is noted, and makes the answer less sure."""

from __future__ import annotations

import pytest

from buqi.address.completer import Completer
from buqi.address.completion import AGAINST
from buqi.address.county_beside import county_beside
from buqi.divisions import load_matcher
from buqi.places.memory import empty_memory


@pytest.fixture(scope="module")
def completer() -> Completer:
    return Completer(empty_memory())


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("长沙县 雨花区 跳马镇", "长沙县"),
        ("凤县，太白县鹦鸽镇5号", "凤县"),
        ("西安市长安区雁塔区长安南路", "雁塔区"),
        ("舒兰市，龙潭区人民路5号", "龙潭区"),
        ("歙县黟县人民路5号", "黟县"),
    ],
)
def test_another_county_is_noted(completer, text, other):
    found = completer.complete(text)
    assert county_beside(found, load_matcher()) == other
    assert AGAINST.format(other) in found.notes and found.confidence == 0.9


@pytest.mark.parametrize(
    "text",
    [
        "长沙市雨花区跳马镇5号",
        "盂县郊区人民路5号",  # a part of the town, or the district
        "隰县黄土镇古县村",
        "陆河县河口镇陆丰市路",  # far behind
        "济南市历下区历城区人民医院",
        "东莞市虎门镇南城区5号",  # it has no counties
        "杭州市西湖区市中区路5号",
    ],
)
def test_nothing_else_is_noted(completer, text):
    assert county_beside(completer.complete(text), load_matcher()) == ""
