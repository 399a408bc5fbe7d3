"""Counties overseas whose names the mainland has too."""

from __future__ import annotations

import pytest

from buqi.address.completer import Completer
from buqi.address.overseas import is_known_overseas, overseas_county
from buqi.divisions import load_matcher
from buqi.places.memory import empty_memory

MATCHER = load_matcher()


@pytest.fixture(scope="module")
def plain() -> Completer:
    return Completer(empty_memory())


@pytest.mark.parametrize(
    ("text", "city"),
    [
        ("金山區中山路", "新北市"),
        ("泰山區明志路二段", "新北市"),
        ("上海市金山區中山路", ""),
        ("金山区卫清西路1号", ""),
        ("金山區山阳镇", ""),
        ("碑林區長樂路", "西安市"),
    ],
)
def test_traditional_characters(plain, text, city):
    answer = plain.complete(text)
    assert answer.province and answer.city == city
    assert city != "新北市" or answer.confidence < 0.9


@pytest.mark.parametrize("text", ["大安區和平東路二段1號", "信义区", "信義區松高路", "中正区"])
def test_several_overseas(plain, text):
    answer = plain.complete(text)
    assert answer.status == "ambiguous" and answer.full == text and answer.province == "台湾省"
    assert len(answer.alternatives) == 2 and all(one["full"].startswith("台湾省") for one in answer.alternatives)


def test_a_part_of_a_road(plain):
    assert plain.complete("大安区和平东路二段1号").confidence < 0.9
    assert plain.complete("中山区人民路1号").confidence > 0.9


def test_names_that_places_share():
    match = MATCHER.match("关西镇")
    assert overseas_county(match).candidates[0].path.name("city") == "新竹县"
    assert overseas_county(MATCHER.match("关西镇人民路")) is None


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("彰化中山路5号", True),
        ("彰化理发店", False),  # no word of a place
        ("彰化", True),
        ("安乐居民路11号", False),  # words of places everywhere
        ("桥头马厂村", False),
        ("基隆安乐居民路11号", True),
    ],
)
def test_a_short_name_overseas(text, known):
    assert is_known_overseas(MATCHER.match(text)) == known
