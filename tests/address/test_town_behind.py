"""The town that the rest of an address names."""

from __future__ import annotations

import pytest

from buqi.address.town_behind import deepest, is_road
from buqi.divisions import load_matcher
from buqi.places.memory import empty_memory


def found(county: str, detail: str) -> tuple[str, str, str]:
    matcher = load_matcher()
    code = next(d.code for d in matcher.table.by_code.values() if d.name == county)
    path, village, rest = deepest(matcher.table.path(code), detail, matcher, empty_memory())
    return path.name("town"), village.name if village else "", rest


@pytest.mark.parametrize(
    ("county", "detail", "wanted"),
    [
        ("相城区", "阳澄湖", ("阳澄湖镇", "", "")),  # all of the rest is the town
        ("相城区", "阳澄湖大闸蟹养殖场", ("阳澄湖镇", "", "阳澄湖大闸蟹养殖场")),
        ("相城区", "人民路5号阳澄湖镇", ("阳澄湖镇", "", "人民路5号")),  # behind the house
        ("相城区", "人民路5号（阳澄湖镇）", ("阳澄湖镇", "", "人民路5号")),
        ("相城区", "人民路5号（阳澄湖镇", ("", "", "人民路5号（阳澄湖镇")),  # half a bracket
        ("相城区", "老阳澄湖镇", ("", "", "老阳澄湖镇")),
        ("石河子市", "石河子大学", ("", "", "石河子大学")),
        ("昆山市", "花桥 绿地大道1000号", ("花桥镇", "", "绿地大道1000号")),
        ("丰城市", "筱塘岭前村", ("筱塘乡", "岭前村委会", "岭前村")),  # a village of that town
        ("鹿邑县", "卫真,路中段", ("", "", "卫真,路中段")),
        ("海淀区", "学院路 甲5号", ("", "", "学院路 甲5号")),
        ("铁门关市", "29团博古其镇", ("博古其镇", "", "29团")),  # behind a regiment of the corps
        ("石河子市", "总场北泉镇", ("北泉镇", "", "总场")),
        ("阿拉尔市", "十团昌安镇", ("昌安镇", "", "十团")),
        ("相城区", "教育局阳澄湖镇中心学校", ("阳澄湖镇", "", "教育局阳澄湖镇中心学校")),  # behind an office
        ("相城区", "公安局阳澄湖镇路5号", ("", "", "公安局阳澄湖镇路5号")),
        ("昆山市", "花桥 街上", ("花桥镇", "", "街上")),
        ("浦东新区", "临港新片区南汇新城镇", ("南汇新城镇", "", "临港新片区")),
        ("花都区", "狮岭狮岭镇皮革城", ("狮岭镇", "", "皮革城")),
        ("海淀区", "西三旗 建材城西路", ("西三旗街道", "", "建材城西路")),
        ("碑林区", "长安路1号", ("", "", "长安路1号")),
    ],
)
def test_a_town_without_its_kind(county, detail, wanted):
    assert found(county, detail) == wanted


def test_above_the_counties_there_is_none():
    matcher = load_matcher()
    path = matcher.table.path("6101")
    assert deepest(path, "长安路1号", matcher, empty_memory()) == (path, None, "长安路1号")


def test_a_road_alone_behind_its_county_is_no_subdistrict() -> None:
    assert found("虹口区", "四川北路") == ("", "", "四川北路")
    assert found("天心区", "坡子街") == ("", "", "坡子街")
    assert found("西城区", "金融街")[0] == "金融街街道"
    assert found("虹口区", "四川北路街道")[0] == ""  # the matcher reads it
    matcher = load_matcher()
    path = matcher.table.path(next(d.code for d in matcher.table.by_code.values() if d.name == "虹口区"))
    assert deepest(path, "四川北路", matcher, empty_memory(), named=False)[0].name("town") == "四川北路街道"


def test_an_area_called_like_a_road_is_no_road() -> None:
    assert is_road("南京西路") and is_road("世纪大道") and is_road("德化街")
    assert not any(map(is_road, ("金融街", "牛街", "五大道", "南京西路1号", "花桥", "")))
