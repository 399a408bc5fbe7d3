from __future__ import annotations

import pytest

from buqi.divisions.lead import person_end, place_begin, tokens
from buqi.divisions.text import read


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("中国安徽省", [("中国", True)]),
        ("China, 安徽省", [("China, ", True)]),
        ("null安徽省", [("null", True)]),
        ("收货人：张三 13800000000 安徽省", [("收货人:", True), ("张三 ", True), ("13800000000 ", True)]),
        ("订单号：202611280001 安徽省", [("订单号:", True), ("202611280001 ", True)]),
        ("圆通速递 安徽省", [("圆通速递 ", True)]),
        ("京东物流园5号", []),
        ("张伟13800000000慈溪观海卫镇", [("张伟", True), ("13800000000", True)]),
        ("收王小姐13800000000海宁", [("收", True), ("王小姐", True), ("13800000000", True)]),
        ("13800000000陈生东莞长安", [("13800000000", True), ("陈生", True)]),
        ("13800000000李四晋江", [("13800000000", True), ("李四", False), ("李四晋", False)]),
        ("王先生路8号", []),
        ("①安徽省", [("①", True)]),
        ("1. 安徽省", [("1. ", True)]),
        ("万达广场 安徽省", [("万达广场 ", False)]),
        ("文一西路:969号", [("文一西路:", False)]),
        ("社区团购自提点：安徽省", [("社区团购自提点:", True)]),
        ("小区业主群:安徽省", [("小区业主群:", True)]),
        ("佛塔村自提点:安徽省", [("佛塔村自提点:", False)]),
        ("中国（四川）自由贸易试验区", []),
        ("中国（四川）成都市", [("中国", True)]),
        ("安徽省太和县", []),
        ("12号楼", []),
        ("SOHO现代城", []),
        ("", []),
    ],
)
def test_what_may_stand_before_an_address(text, found):
    line = read(text).line
    assert [(line[t.start : t.end], t.sure) for t in tokens(line)] == found


@pytest.mark.parametrize(
    ("before", "place"),
    [
        ("张三，13800000000，人民路12号，", "人民路12号，"),
        ("中国", ""),
        ("京东快递：", ""),
        ("村团购自提点：", ""),
        ("幸福社区：", "幸福社区："),
        ("人民路12号", "人民路12号"),
        ("", ""),
    ],
)
def test_a_road_before_the_names_belongs_to_the_address(before, place):
    line = read(before).line
    assert line[place_begin(line) :] == read(place).line


@pytest.mark.parametrize(
    ("text", "person"),
    [
        ("高平先生13800000000苏州吴中木渎", "高平先生"),
        ("周宁13800000000人民路8号", "周宁"),
        ("周宁13800000000", ""),
        ("昆山花桥13800000000张三", ""),
        ("义乌13800000000稠城街道5号", ""),
        ("", ""),
    ],
)
def test_where_a_person_at_the_front_ends(text, person):
    assert text[: person_end(text)] == person
