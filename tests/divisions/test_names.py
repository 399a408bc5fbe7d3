from __future__ import annotations

import pytest

from buqi.divisions.names import short_name, short_names
from buqi.divisions.sounds import likeness
from buqi.divisions.table import load_former, load_table
from buqi.divisions.text import read


@pytest.mark.parametrize(
    ("name", "shorts"),
    [
        ("碑林区", ("碑林",)),
        ("恩施土家族苗族自治州", ("恩施", "恩施州", "恩施自治州")),
        ("土默特右旗", ("土右旗",)),
        ("科尔沁左翼中旗", ("科左中旗",)),
        ("管城回族区", ("管城回族", "管城", "管城区")),
        ("东区", ()),
    ],
)
def test_short_names(name, shorts):
    assert short_names(name) == shorts


@pytest.mark.parametrize(
    ("name", "short"),
    [("碑林区", "碑林"), ("凤县", "凤县"), ("五峰土家族自治县", "五峰"), ("恩施土家族苗族自治州", "恩施"),
     ("内蒙古自治区", "内蒙古"), ("神农架林区", "神农架"), ("西双版纳傣族自治州", "西双版纳"), ("两江新区", "两江")],
)  # fmt: skip
def test_the_commonest_short_name(name, short):
    assert short_name(name) == short


@pytest.mark.parametrize(
    ("written", "meant", "kind"),
    [("杯", "碑", "sound"), ("林", "陵", "near"), ("湘", "湖", "shape"), ("山", "海", "other"), ("碑", "碑", "same")],
)
def test_likeness(written, meant, kind):
    assert likeness(written, meant) == kind


def test_reading_keeps_every_position():
    reading = read("臺灣　１２，a")
    assert reading.plain == "台湾12a"
    assert [reading.raw[reading.where(i)] for i in range(5)] == ["臺", "灣", "１", "２", "a"]
    assert read("乾县").plain == "乾县"  # a character of the table stays


def test_every_former_name_leads_into_the_table():
    table = load_table()
    former = {f.name: f for f in load_former()}
    assert all(f.successor in table.by_code for f in former.values())
    assert table.by_code[former["户县"].successor].name == "鄠邑区"
    assert former["户县"].until == 2015
    assert table.by_code[former["苏州工业园区"].successor].name == "苏州市"


def test_codes_of_our_own_are_not_given_out():
    table = load_table()
    district = next(d for d in table.by_code.values() if d.name == "湾仔区")
    assert not district.official
    assert table.path(district.code).codes == {"province": "81"}
