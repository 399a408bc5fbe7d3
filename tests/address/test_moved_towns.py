"""A town without its kind that lies in another district today."""

from __future__ import annotations

import pytest

from buqi.address.moved_towns import left_town, moved_town
from buqi.divisions import load_matcher


@pytest.mark.parametrize(
    ("county", "detail", "town", "rest"),
    [
        ("330212", "章水 蜜岩村", "章水镇", "蜜岩村"),  # the sources say that it lay in 鄞州区
        ("330110", "星桥星都路1号", "星桥街道", "星都路1号"),
        ("320412", "奔牛 金牛路", "奔牛镇", "金牛路"),  # no other town of the country has the name
        ("320412", "新桥 新龙路", "", ""),  # many towns have it, and no source says so
        ("110119", "中关村延庆园风谷四路8号", "", ""),
        ("330113", "余杭 塘栖镇", "", ""),  # a county has the name
        ("330212", "人民路1号", "", ""),
        ("320583", "奔牛 金牛路", "", ""),  # no district
    ],
)
def test_a_town_that_lies_in_another_district_today(county, detail, town, rest):
    matcher = load_matcher()
    found = moved_town(detail, county, matcher)
    assert (matcher.table.names[found.code] if found else "") == town
    assert found is None or detail[found.end :] == rest


@pytest.mark.parametrize(
    ("county", "detail", "stem"),
    [
        ("341522", "三元", "三元"),  # 霍邱县; the sources say so
        ("341522", "三元人民路5号", "三元"),
        ("341522", "三元村", ""),
        ("330110", "临平人民路5号", "临平"),
        ("330110", "临平山", ""),
        ("330110", "临平大道1号", ""),
        ("320412", "新桥", "新桥"),  # a district of the city has it, and nothing follows
        ("320412", "新桥人民路5号", ""),
        ("4419", "虎门", ""),  # a city without counties
    ],
)
def test_a_town_that_lies_in_another_county_today(county, detail, stem):
    assert left_town(detail, county, load_matcher()) == stem
