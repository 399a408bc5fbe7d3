"""Names of other places, and towns that a county does not have, behind the names that an answer follows."""

from __future__ import annotations

import pytest

from buqi.address.completer import Completer
from buqi.address.completion import AGAINST, NO_SUCH_TOWN
from buqi.address.other_places import OtherPlaces, may_name_another
from buqi.places.memory import empty_memory


@pytest.fixture(scope="module")
def completer() -> Completer:
    return Completer(empty_memory())


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("贵阳市南明区中华南路3号（原地址遵义市汇川区北京路4号）", "遵义市汇川区"),
        ("沈阳市铁西区长春市重庆路5号", "长春市重庆路5号"),  # a city, and a house in it
        ("包头市东河区海拉尔区呼伦街道胜利路3号", "海拉尔区呼伦街道"),
        ("广州市花都区中国浙江省金华市义乌市口岸路", "浙江省金华市义乌市"),
        ("浙江省杭州市萧山区，浙江省杭州市滨江区长河街道", "浙江省杭州市萧山区"),  # before the answer's own names
        ("江门市开平市解放路88号3栋201室运城市盐湖区幸福巷", "运城市盐湖区"),
        ("九江市修水县中山路12号云阳县东风路88号", "云阳县东风路88号"),
        ("银川市西夏区城北路12号南京市 鼓楼区建设路3号", "南京市 鼓楼区"),  # as it is written
    ],
)
def test_names_of_another_place_are_noted_and_make_an_answer_less_sure(completer, text, names):
    found = completer.complete(text)
    assert found.notes == (AGAINST.format(names),) and found.confidence == 0.9
    assert found.full.endswith(found.detail) and names in found.lead + found.detail


@pytest.mark.parametrize(
    "text",
    [
        "武汉市洪山区珞瑜路1号湖北省武汉市洪山区珞南街道",  # the place itself
        "朝阳区建国路88号北京市朝阳区建国门外街道",
        "上海市黄浦区城市花园小区南门路5号",
        "广州市天河区超市南街道口5号",
        "江苏省南京市鼓楼区北京市路5号",  # no house in 北京
        "甘肃省庆阳市环县新城区政府路5号",  # a part of the county that is no district
    ],
)
def test_nothing_else_is_noted(completer, text):
    assert not completer.complete(text).notes


def test_a_name_that_is_noted_already_is_not_noted_again(completer):
    notes = completer.complete("贵州省佳木斯市织金县少普镇长春大街12号").notes
    assert notes == (AGAINST.format("佳木斯市"),)


@pytest.mark.parametrize(
    ("text", "town"),
    [("黑龙江省鸡西市密山市穆棱镇中心大街", "穆棱镇"), ("宁夏银川市西夏区兴隆镇城北路12号", "兴隆镇")],
)
def test_a_town_that_the_county_does_not_have_is_noted(completer, text, town):
    found = completer.complete(text)
    assert found.notes == (NO_SUCH_TOWN.format(town, found.path.name("county")),)
    assert found.detail.startswith(town)


@pytest.mark.parametrize(
    "text",
    [
        "贵州省贵阳市开阳县城关镇环城路",  # most counties had one
        "北京市海淀区新华街道口5号",  # the mouth of a street
        "河北省石家庄市桥西区西里街道红旗大街",  # its own
    ],
)
def test_other_words_are_no_towns_of_elsewhere(completer, text):
    assert not any("no such town" in note for note in completer.complete(text).notes)


def test_a_county_that_is_not_written_out_is_less_sure_with_a_town_that_it_does_not_have(completer):
    found = completer.complete("阳县石门乡中山路3号")  # 洋县 and 石门乡 of another county
    assert found.confidence == 0.9 and found.notes[-1].startswith("石门乡: 洋县 has no")


def test_a_refusal_is_left_as_it_is(completer):
    refusal = completer.complete("瑜伽垫加厚")
    assert OtherPlaces(completer.matcher).noted(refusal) is refusal


def test_most_addresses_are_not_looked_at_closer():
    assert may_name_another("解放路5号南京市鼓楼区", 0) and may_name_another("长春市重庆路5号", 0)
    assert not any(may_name_another(text, 0) for text in ("解放路5号", "幸福小区3栋", "建设路城中村", "东风路菜场南门"))


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("成都市锦江区和青羊区", "青羊区"),
        ("北京市海淀区及朝阳区", "朝阳区"),
        ("北京市朝阳区首都机场到上海虹桥机场", "上海"),
        ("成都市锦江区和平路5号", ""),
        ("杭州市西湖区长江路到上海路段", ""),  # a road
    ],
)
def test_another_county_or_the_end_of_a_journey_is_noted(completer, text, other):
    answer = completer.complete(text)
    assert [note for note in answer.notes if other] == [f"{other}: contradicts the other names"] * bool(other)
    assert not other or answer.confidence <= 0.9


def test_a_town_of_elsewhere_behind_a_city_is_noted(completer):
    assert completer.complete("广东省广州市虎门镇").confidence == 0.9
    assert completer.complete("江苏省连云港市花园乡花园村").confidence > 0.9  # a common name: the city had one
