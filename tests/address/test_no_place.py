from __future__ import annotations

import pytest

from buqi.address.no_place import is_remembered, lacks_place_word, names_no_place
from buqi.divisions import load_matcher
from buqi.places import learn, load_memory
from buqi.places.memory import empty_memory


@pytest.mark.parametrize(
    "text", ["兰州拉面", "武汉热干面", "扬州炒饭", "章丘大葱", "北京欢迎你", "郫县豆瓣酱", "明天去成都吗", "新疆大枣"]
)
def test_a_short_name_in_a_dish_or_a_saying_is_no_place(text):
    assert names_no_place(load_matcher().match(text), load_matcher())


@pytest.mark.parametrize("text", ["孟连药店", "博白贸易有限公司", "色达麻将馆", "青神渔具店", "浮梁科技公司"])
def test_a_short_name_of_a_shop_or_a_firm_has_no_word_of_a_place(text):
    assert lacks_place_word(load_matcher().match(text))


@pytest.mark.parametrize("text", ["浮梁县科技公司", "浮梁新平路科技公司", "莒南书店对面", "孟连药店2楼", "西安"])
def test_a_whole_name_a_road_or_a_door_is_one(text):
    assert not lacks_place_word(load_matcher().match(text))


@pytest.mark.parametrize(
    "text",
    [
        "扬州文昌中路1号",
        "黄山风景区南大门",
        "北京望京",  # a subdistrict's name
        "大连龙王塘万科樱花园",
        "循化县积石",  # a whole name, shortened
        "平遥县牛肉厂",  # a name in full is believed
        "陕西西安",
        "西安",
        "渝北区新牌坊",  # a former district in full
    ],
)
def test_what_names_a_place_is_read_on(text):
    assert not names_no_place(load_matcher().match(text), load_matcher())


def test_a_name_of_the_memory_is_a_place(tmp_path):
    learn(["陕西省西安市碑林区五味子小区1号"] * 3, "own", tmp_path)
    memory, matcher = load_memory(tmp_path), load_matcher()
    assert is_remembered(matcher.match("五味子小区"), memory)
    assert not is_remembered(matcher.match("孟连药店"), memory)
    assert not is_remembered(matcher.match("五味子小区"), empty_memory())


@pytest.mark.parametrize("text", ["卢沟桥事变", "省/市/区", "清华大学出版社有限公司的书"])
def test_events_labels_and_books_are_no_place(text: str) -> None:
    assert names_no_place(load_matcher().match(text), load_matcher())
