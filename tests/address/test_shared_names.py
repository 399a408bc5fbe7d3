"""Counties of one name are told apart by roads that the lists know, or not at all."""

from __future__ import annotations

import pytest

from buqi.address.completer import Completer
from buqi.address.completion import REFUSALS
from buqi.address.shared_names import lone_county
from buqi.places.memory import empty_memory


@pytest.fixture(scope="module")
def plain() -> Completer:
    return Completer(empty_memory())


@pytest.mark.parametrize(
    "text",
    [
        "铁东区站前街",
        "铁东区站前街88号",
        "海州区站前街",
        "南山区红旗路",
        "向阳区红旗路5号",
        "青山区幸福路",
        "城中区滨河路",
    ],
)
def test_a_road_of_many_places_does_not_make_sure(plain: Completer, text: str) -> None:
    assert (plain.complete(text).confidence or 0.0) < 0.9


@pytest.mark.parametrize(
    ("text", "city"),
    [
        ("西湖区上海路", "南昌市"),
        ("和平区南京路", "天津市"),
        ("朝阳区建国路88号", "北京市"),
        ("西湖区文三路478号", "杭州市"),
    ],
)
def test_a_road_of_one_of_them_does(plain: Completer, text: str, city: str) -> None:
    answer = plain.complete(text)
    assert city in answer.path.full and (answer.confidence or 0.0) >= 0.9


@pytest.mark.parametrize("text", ["新城区民主路", "新城区民主路88号", "向阳区西大街"])
def test_a_county_that_had_the_name_before_is_not_answered_for_a_road(plain: Completer, text: str) -> None:
    answer = plain.complete(text)
    assert answer.status in REFUSALS or answer.path.name("county") in ("新城区", "向阳区")


def test_a_lone_county_is_named_in_full_and_of_the_mainland(plain: Completer) -> None:
    first = plain.matcher.match("铁东区站前街").candidates[0]
    assert lone_county(first) == "铁东区"
    assert lone_county(plain.matcher.match("彰化县").candidates[0]) == ""
    assert lone_county(None) == ""
