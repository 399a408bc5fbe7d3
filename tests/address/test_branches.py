"""Branches of institutions in another city."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buqi.address.branches import (
    AIRPORT,
    ELSEWHERE,
    OFFICE,
    OFFICE_ENDS,
    SENT,
    SHOP,
    SHOP_ENDS,
    UNNAMED,
    has_branch,
    has_unnamed_branch,
    is_airport,
)
from buqi.address.completer import Completer
from buqi.places.memory import empty_memory


@pytest.fixture(scope="module")
def completer() -> Completer:
    return Completer(empty_memory())


def place(completer: Completer, text: str) -> str:
    match = completer.matcher.match(text)
    code = completer.branches.place(match) if has_branch(match) else ""
    return completer.matcher.table.by_code[code].name if code else ""


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("哈尔滨工业大学(威海)", "威海市"),
        ("山东大学青岛校区", "青岛市"),
        ("浙江大学海宁国际校区", "海宁市"),  # a county of the province
        ("东南大学江宁校区", "江宁区"),
        ("西安电子科技大学长安校区", "长安区"),  # 西安 is read as a district first
        ("南昌大学抚州医学院", "抚州市"),
        ("中南大学湘雅常德医院", "常德市"),
        ("复旦大学附属中山医院厦门医院", "厦门市"),  # 中山 is a hospital's name
        ("武汉理工大学南湖校区", ""),  # 南湖区 is in another province
        ("上海交通大学医学院附属瑞金医院", ""),
        ("首都医科大学附属北京朝阳医院", "朝阳区"),
        ("浙江大学紫金港校区", ""),
        ("西安市碑林区西北大学太仓校区", ""),  # a division is named in full
        ("碑林区长安路1号", ""),
        ("清华大学合肥公共安全研究院", "合肥市"),
        ("北京大学杭州国际科创中心", "杭州市"),
        ("哈尔滨工程大学青岛创新发展基地", "青岛市"),
        ("浙江大学医学院附属第四医院(义乌)", "义乌市"),
        ("南方医科大学顺德医院", "顺德区"),
        ("复旦大学附属华山医院福建医院", "福建省"),
        ("南京大学鼓楼校区", "鼓楼区"),
        ("北京邮电大学沙河校区", ""),  # 沙河市 is in another province
        ("南京大学附近北京西路小学", ""),  # a road
        ("中国石油大学(北京)", "北京市"),
        ("四川省人民政府驻上海办事处", "上海市"),
        ("湖南省湘西州驻长沙办事处", "长沙市"),
        ("河南省林州市建筑公司北京分公司", "北京市"),
        ("南京银行杭州分行", "杭州市"),
        ("温州银行上海徐汇支行", "徐汇区"),
        ("青岛海尔集团合肥工业园", "合肥市"),
        ("全季酒店(广州北京路店)", "广州市"),
        ("天津市狗不理包子北京店", ""),  # in a city that is named in full: 上海市虹口区家乐福曲阳店
        ("上海市虹口区家乐福曲阳店", ""),
        ("江苏省苏州市姑苏区中国银行平江支行", ""),
        ("北京市朝阳区安华里江苏省驻北京办事处", ""),
        ("上海全季酒店(四川北路店)", ""),
        ("广州市优衣库(北京路店)", ""),
        ("北京同仁堂(长沙五一路店)", "长沙市"),
        ("北京市西长安街5号中国移动(深圳)有限公司", ""),
        ("四川省成都市四川大学江安校区", ""),
        ("南京市大学路3号浙江大学校友会", ""),
        ("青岛啤酒(武汉)有限公司", "武汉市"),
        ("广州市天河路385号建设银行深圳分行", ""),  # it is behind that door
        ("山东省济南市历城区中国石油山东分公司", ""),  # what is said already
    ],
)
def test_the_place_that_a_branch_is_named_after(completer, text, name):
    assert place(completer, text) == name


def test_the_name_stays_whole(completer):
    answer = completer.complete("哈尔滨工业大学(威海)")
    assert (answer.full, answer.input) == ("山东省威海市哈尔滨工业大学(威海)", "哈尔滨工业大学(威海)")
    assert answer.confidence == 0.89


def test_a_branch_without_its_place_in_the_name_is_not_sure(completer):
    assert completer.complete("中山大学附属第七医院").confidence == 0.89  # in 深圳, which no name tells
    assert completer.complete("中南大学湘雅医院").confidence > 0.9


def test_an_office_is_named_as_it_is_written(completer):
    answer = completer.complete("河南省林州市建筑公司北京分公司")
    assert answer.full == "北京市河南省林州市建筑公司北京分公司" and answer.confidence == 0.89


@pytest.mark.parametrize(
    ("text", "city"),
    [
        ("安顺黄果树机场", "安顺市"),
        ("十堰武当山机场", "十堰市"),
        ("秦皇岛北戴河机场", "秦皇岛市"),
        ("银川河东国际机场", "银川市"),
    ],
)
def test_an_airport_may_lie_in_another_county_than_its_name_says(completer, text, city):
    path = completer.complete(text).path
    assert (path.name("city"), path.name("county")) == (city, "")


def test_the_county_of_an_airport_without_its_city_is_where_it_is(completer):
    assert completer.complete("大兴国际机场").path.name("county") == "大兴区"


def test_a_county_in_full_is_where_an_airport_is(completer):
    assert not is_airport(completer.matcher.match("杭州市萧山区萧山机场"), completer.branches.short)
    assert completer.complete("杭州市萧山区萧山机场").path.name("county") == "萧山区"


@given(st.from_regex(ELSEWHERE.pattern))
def test_every_branch_elsewhere_ends_in_one_of_the_characters_that_are_sought(text):
    assert text[-1] in OFFICE_ENDS


@given(st.one_of(st.from_regex(OFFICE.pattern), st.from_regex(SHOP.pattern)))
def test_every_office_and_shop_ends_in_one_of_the_characters_that_are_sought(text):
    assert text[-1] in SHOP_ENDS


@given(st.from_regex(UNNAMED.pattern))
def test_every_unnamed_part_has_one_of_the_characters_that_are_sought(text):
    assert has_unnamed_branch(text)


@given(st.from_regex(AIRPORT.pattern), st.from_regex(SENT.pattern))
def test_every_airport_and_sent_office_has_the_word_that_is_sought(airport, sent):
    assert "机场" in airport and "驻" in sent
