"""Offices and schools that are named after the town they are in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buqi.address.town_offices import OFFICE, PART, SCHOOL, SIGN, town_of_office
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


def test_every_office_and_school_has_a_sign():
    named = (
        "派出所 司法所 财政所 税务所 税务分局 国税分局 工商所 市场监督管理所 市场监管所 国土所 国土资源所"
        " 邮政支局 支局 邮政所 邮电所 供电所 供销社 信用社"
        " 支行 分理处 储蓄所 营业所 人民法庭 交警中队 中心卫生院 敬老院 林业站 农技站 兽医站 粮站 粮管所 水利站"
        " 中学 中心小学 初级中学 初中 高中 学校 一中 第六中 第二幼儿园 中心幼儿园 医院 人民医院 分局"
    )
    for name in named.split():
        assert any(kind.search(name) for kind in (OFFICE, SCHOOL, PART))
        assert SIGN.search(name)
    assert SIGN.search("文一西路969号西溪花园中区") is None


@given(st.one_of([st.from_regex(kind.pattern) for kind in (OFFICE, SCHOOL, PART)]))
def test_whatever_is_an_office_has_a_sign(text):
    assert SIGN.search(text)
