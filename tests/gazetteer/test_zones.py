"""Development zones lead to the place around them, by their name or by a road that lies in one."""

from __future__ import annotations

import pytest

from buqi.divisions import load_table
from buqi.gazetteer.zones import Zones, kind_at_front, kind_of, load_zone_roads, load_zone_sizes, load_zones, zone_first


@pytest.fixture(scope="module")
def zones() -> Zones:
    return Zones(load_table())


@pytest.mark.parametrize(
    ("text", "city"),
    [("东湖新技术开发区关山大道", "4201"), ("武汉东湖新技术开发区关山大道", "4201"), ("金桥出口加工区", "310115")],
)
def test_a_zone_by_its_name(zones, text, city):
    assert any(code.startswith(city) for code in zones.named(text))


@pytest.mark.parametrize("text", ["人民路1号", "开发区人民路", "东湖路8号", ""])
def test_no_zone_is_named(zones, text):
    assert zones.named(text) == []


@pytest.mark.parametrize(
    ("text", "names", "city", "itself"),
    [
        ("高新区硅谷大街1198号", ["硅谷大街"], "2201", True),
        ("高新技术产业开发区硅谷大街1198号", ["硅谷大街"], "2201", True),
        ("市高新区硅谷大街1198号", ["硅谷大街"], "2201", True),
        ("硅谷大街1198号", ["硅谷大街"], "", False),  # the road alone is for `Roads`
        ("高新区无名路1号", ["无名路"], "", False),
    ],
)
def test_a_zone_without_a_name_by_its_road(zones, text, names, city, itself):
    codes, found_itself = zones.with_road(kind_at_front(text), names)
    assert (codes, found_itself) == ([city] if city else [], itself)


def test_a_road_named_alike_lies_there_too():
    zones = Zones(load_table())
    zones.by_road, zones.akin = {}, {"economic 黄海": ["3706"]}
    assert zones.with_road("economic", ["黄海三路"]) == (["3706"], False)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("高新技术产业开发区", "high-tech"),
        ("经济技术开发区", "economic"),
        ("开发区", "economic"),
        ("综合保税区", "bonded"),
        ("工业园区", "industrial"),
        ("人民路", ""),
    ],
)
def test_kinds(name, kind):
    assert kind_of(name) == kind


@pytest.mark.parametrize(
    ("text", "first"), [("高新区科技路1号", True), ("张江高科技园区1号", True), ("科技路1号", False)]
)
def test_what_begins_with_a_zone(text, first):
    assert zone_first(text) is first


def test_shipped_lists_lie_in_the_table():
    table = load_table()
    assert all(code in table.by_code for _, code in load_zones())
    roads = list(load_zone_roads())
    assert len(roads) == len(set(roads)) > 1000
    assert all(code in table.by_code and kind in ("high-tech", "economic") for code, kind, _ in roads)


def test_zones_are_large_where_their_city_is_listed():
    table = load_table()
    sizes = load_zone_sizes()
    assert all(code in table.by_code and kind in ("high-tech", "economic") for code, kind in sizes)
    large = Zones(table).large("high-tech")
    assert large["5101"] > large["5103"] > 0, "成都 before 自贡"
    assert "1101" not in large and not Zones(table).large("")
    assert Zones(table).large("economic") != large
