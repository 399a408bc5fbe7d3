"""Areas and zones of the state by their whole name."""

from __future__ import annotations

import pytest

from buqi.address.areas import Area, area_at, load_areas, own_areas
from buqi.divisions import load_table


def test_the_longest_area_at_a_position_is_found() -> None:
    assert area_at("西咸新区秦汉新城", 0) == Area("61", 4, True)
    assert area_at("天津中新天津生态城", 2) == Area("120116", 9, True)
    assert area_at("太仓港经济技术开发区1号", 0) == Area("320585", 10, False)


@pytest.mark.parametrize("text", ["西咸新区路5号", "开发区", "西咸", ""])
def test_a_road_or_a_zone_without_a_name_is_none(text: str) -> None:
    assert area_at(text, 0) is None


def test_every_area_lies_in_a_division_of_the_table() -> None:
    table = load_table()
    assert all(code in table.by_code for code in load_areas().values())
    assert set(own_areas()) <= set(load_areas())
