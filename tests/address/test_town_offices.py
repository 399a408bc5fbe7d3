"""Offices and schools that are named after the town they are in."""

from __future__ import annotations

import pytest

from buqi.address.town_offices import town_of_office
from buqi.divisions import load_matcher


@pytest.mark.parametrize(
    ("detail", "county", "town"),
    [
        ("付店派出所", "411526", "付店镇"),
        ("邮政储蓄银行潢川县付店支行", "411526", "付店镇"),
        ("上冶法庭", "371325", "上冶镇"),
        ("人民法院上冶法庭", "371325", "上冶镇"),
        ("上冶小学路5号", "371325", ""),  # a road
        ("上冶大道", "371325", ""),
        ("上冶分局", "371325", ""),  # of no office
        ("税务局上冶分局", "371325", "上冶镇"),
        ("公司上冶分公司", "371325", ""),
        ("孝义第一中学", "141121", ""),  # 孝义市 is beside that county
        ("北苑派出所", "330782", "北苑街道"),
        ("北苑小学", "330782", ""),  # a subdistrict's name is no school's own
        ("虎门医院", "4419", "虎门镇"),
    ],
)
def test_the_town_of_an_office_is_read(detail: str, county: str, town: str) -> None:
    matcher = load_matcher()
    assert matcher.table.names.get(town_of_office(detail, county, matcher), "") == town
