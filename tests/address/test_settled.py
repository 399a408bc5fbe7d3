from __future__ import annotations

import pytest

from buqi.address.completer import Completer
from buqi.address.settled import (
    best_two_alike,
    county_of_road,
    is_called_as_its_city,
    is_city_and_town,
    is_lone_short_county,
    is_seat,
    lone_city,
    lone_mistaken_city,
    names_county_elsewhere,
    plain_kind,
    stated_region,
    whole_town,
)
from buqi.divisions import load_matcher
from buqi.places.memory import empty_memory

MATCHER = load_matcher()


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("碑林区1号", "full"),
        ("西安市", "full"),
        ("西安市人民路", None),
        ("扶风法门镇法门寺", "full"),
        ("广州天河人民路", "short"),
        ("临安市1号", "former"),
        ("杯林区1号", None),
        ("鼓楼区1号", None),
        ("法门镇1号", None),
        ("天津市滨海新区1号", "full"),
    ],
)
def test_what_names_settle_by_themselves(text, kind):
    assert plain_kind(MATCHER.match(text), MATCHER) == kind


def test_a_city_said_in_full():
    assert stated_region(MATCHER.match("西安市人民路"), MATCHER) == "6101"
    assert stated_region(MATCHER.match("襄樊市人民路"), MATCHER) == "4206"
    assert stated_region(MATCHER.match("嘉兴地区人民路"), MATCHER) == ""  # it was divided
    assert stated_region(MATCHER.match("西安人民路"), MATCHER) == stated_region(MATCHER.match("碑林区"), MATCHER) == ""


def test_a_city_and_a_county_of_another_one_are_not_settled():
    assert stated_region(MATCHER.match("广州市张家港市1号"), MATCHER) == ""


def test_siblings_of_one_short_name():
    assert best_two_alike(MATCHER.match("伊犁伊宁人民路12号"))
    assert not best_two_alike(MATCHER.match("碑林区1号"))
    assert best_two_alike(MATCHER.match("乌镇")) and not best_two_alike(MATCHER.match("乌镇子夜路1号"))


def test_one_town_whose_whole_name_begins_the_address():
    code = whole_town(MATCHER.match("坪山镇人民路"))
    assert code and MATCHER.table.path(code).name("county") == "垫江县"  # one in 深圳 is a subdistrict today
    assert whole_town(MATCHER.match("城关镇人民路")) == whole_town(MATCHER.match("碑林区")) == ""


def test_a_county_whose_name_is_its_own_behind_a_wrong_city():
    assert names_county_elsewhere(MATCHER.match("济南市胶州市福州路"))
    assert names_county_elsewhere(MATCHER.match("浙江昆山市"))
    assert not names_county_elsewhere(MATCHER.match("三亚市秀英区"))  # a district may be one that people call so
    assert not names_county_elsewhere(MATCHER.match("胶州市"))


def test_province_and_city_alone():
    assert lone_city(MATCHER.match("江苏南京")).candidates[0].code == "3201"
    assert lone_city(MATCHER.match("江苏南京路")) is None


def test_a_seat_without_its_county():
    assert is_seat(MATCHER.match("郑州市城关镇东风路").candidates[0])
    assert not is_seat(MATCHER.match("新密市城关镇东风路").candidates[0])
    former = MATCHER.match("平顶山市城关镇东关街105号").candidates[0]
    assert former.used[-1].kind == "former" and is_seat(former)
    assert not is_seat(MATCHER.match("兰州市城关区东岗路").candidates[0])


@pytest.mark.parametrize(
    ("text", "lone"),
    [
        ("沅陵", True),
        ("大厂县", False),  # as good as its whole name
        ("达茂旗", True),
        ("公安", False),  # a word
        ("比如", False),
        ("伊宁", False),  # 伊宁市 and 伊宁县
        ("鼓楼", False),
        ("扶风法门寺", False),
    ],
)
def test_a_countys_short_name_alone(text, lone):
    assert is_lone_short_county(MATCHER.match(text)) == lone


@pytest.mark.parametrize(
    ("text", "called"),
    [
        ("喀什人民路1号", True),
        ("新疆阿勒泰团结路", True),
        ("喀什地区喀什人民路", False),
        ("喀什市人民路", False),
        ("昆山人民路", False),
    ],
)
def test_a_seat_called_as_its_prefecture(text, called):
    match = MATCHER.match(text)
    assert is_called_as_its_city(match, match.candidates[0]) is called


@pytest.fixture(scope="module")
def plain() -> Completer:
    return Completer(empty_memory())


@pytest.mark.parametrize("text", ["毕节市城关镇河滨路1号", "商丘城关镇黄山中路", "信阳市城关镇南大街"])
def test_of_a_seat_without_its_county_only_the_city_is_said(plain, text):
    found = plain.complete(text)
    assert found.path.name("city").startswith(text[:2]) and not found.path.name("county")
    assert found.detail == text[text.index("城关镇") :]


@pytest.mark.parametrize(
    ("text", "county"),
    [
        ("阿克苏阿恰乡1120公里处", ""),
        ("大理水泄乡咱咧村", "永平县"),
        ("临夏阿力麻土乡", "广河县"),
        ("大理喜洲镇1号", "大理市"),
        ("喀什解放南路1号", "喀什市"),
    ],
)
def test_a_town_behind_the_short_name_of_a_prefecture_and_its_seat(plain, text, county):
    found = plain.complete(text)
    assert found.input == text and found.path.name("city").startswith(text[:2]) and found.path.name("county") == county


def test_a_seat_with_its_county_is_read(plain):
    assert plain.complete("商丘市虞城县城关镇人民路1号").path.name("town") == "城关镇"


@pytest.mark.parametrize("text", ["玉树老乡", "恩施老乡鸡", "阿克苏下乡", "喀什城乡建设局"])
def test_a_word_that_ends_like_a_town_is_none(plain, text):
    assert (plain.complete(text).confidence or 0.0) <= 0.9


@pytest.mark.parametrize(
    ("text", "town"), [("东莞长安", "长安镇"), ("东莞清溪", "清溪镇"), ("东莞长安路", ""), ("长安", "")]
)
def test_a_city_without_counties_and_its_town_in_short(text, town):
    match = MATCHER.match(text)
    assert bool(match.candidates) and is_city_and_town(match, MATCHER) == bool(town)


@pytest.mark.parametrize(
    ("text", "county"),
    [("石河子143团", "石河子市"), ("五家渠103团5连", "五家渠市"), ("石河子团结路", ""), ("沅陵3团", "")],
)
def test_a_regiment_behind_a_city_of_the_corps(text, county):
    assert is_lone_short_county(MATCHER.match(text)) == bool(county)


@pytest.mark.parametrize(
    ("text", "county"),
    [
        ("扬州市高邮路", "高邮市"),
        ("广州市番禺路", "番禺区"),
        ("扬州市高邮镇", ""),
        ("南平邵武八一路", ""),
        ("扬州市文昌路", ""),
    ],
)
def test_a_road_named_after_a_county_of_its_city(text, county):
    matcher = load_matcher()
    code = county_of_road(matcher.match(text), matcher)
    assert matcher.table.names.get(code, "") == county


@pytest.mark.parametrize(
    ("text", "city"),
    [
        ("亳洲市", "3416"),
        ("安徽毫州市", "3416"),
        ("毫州市1号", None),
        ("亳州市", None),
        ("靳春县", None),
        ("航州市", None),
    ],
)
def test_a_citys_name_alone_with_a_character_that_people_write_for_another(text, city):
    match = lone_mistaken_city(MATCHER.match(text))
    assert (match.candidates[0].code if match else None) == city
