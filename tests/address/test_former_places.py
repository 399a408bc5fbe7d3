from __future__ import annotations

import pytest

from buqi.address.completer import Completer
from buqi.address.former_places import FormerPlaces
from buqi.places.memory import empty_memory

COMPLETER = Completer(empty_memory())


@pytest.mark.parametrize(
    ("text", "city"),
    [
        ("江北区人民路12号", "宁波市"),
        ("江北区盘溪社区12号", ""),  # one of 重庆
        ("江北区建新北路12号", ""),  # a road of 重庆
        ("江北区大庆南路12号", "宁波市"),
        ("新市区朝阳北大街888号", "保定市"),
        ("清河区钵池乡", "淮安市"),
        ("观澜镇新田社区1号", "深圳市"),  # a subdistrict today
    ],
)
def test_the_place_of_before_is_meant_where_something_rare_lies_there(text, city):
    found = COMPLETER.complete(text)
    assert found.path.name("city") == city and found.path.name("county")


def test_a_whole_name_with_nothing_rare_behind_it_is_never_answered_as_the_place_of_before():
    assert COMPLETER.complete("马家店镇高新技术产业开发区科技路8号").path.name("province") in ("", "辽宁省")


def test_a_memory_may_know_better():
    proposer = COMPLETER.proposer
    match = COMPLETER.matcher.match("江北区人民路12号")
    covered = [c for c in match.candidates if c.covered]
    assert covered[0].path.full == "重庆市两江新区"
    as_it_is = FormerPlaces(COMPLETER.matcher, proposer.below, remembers=False).restored(match)
    weighed = FormerPlaces(COMPLETER.matcher, proposer.below, remembers=True).restored(match)
    assert as_it_is.candidates == match.candidates
    assert {c.code: c.named for c in weighed.candidates}[covered[0].code] == covered[0].named + covered[0].covered
