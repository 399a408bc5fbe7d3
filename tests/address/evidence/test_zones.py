"""Zones by name, by the roads in them and by their kind."""

from __future__ import annotations

import pytest

from buqi.address.evidence.zones import KnownZones
from tests.address.evidence.conftest import counties


@pytest.fixture(scope="module")
def zones(resources) -> KnownZones:
    return KnownZones(resources)


@pytest.mark.parametrize(
    ("rest", "column", "county"),
    [
        ("高新区硅谷大街1号", "zone_road", "220104"),  # 朝阳区 and all others of 长春市
        ("东湖新技术开发区关山大道1号", "zone", "420111"),  # 洪山区, 武汉市
        ("高新区科技路1号", "has_zone", "610113"),  # 雁塔区, 西安市
        ("高新区科技路1号", "zone_size", "610113"),
    ],
)
def test_what_speaks_for_a_county(zones, rest, column, county):
    assert county in counties(zones, column, rest)


def test_a_zone_with_a_name_is_not_looked_for_by_its_kind(zones):
    assert counties(zones, "has_zone", "东湖新技术开发区关山大道1号") == []


def test_no_zone_says_nothing(zones):
    assert all(counties(zones, column.name, "硅谷大街1号") == [] for column in zones.columns)
