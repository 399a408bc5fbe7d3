"""Short names behind a road or house."""

from __future__ import annotations

import pytest

from buqi.address.completer import Completer
from buqi.places.memory import empty_memory


@pytest.fixture(scope="module")
def plain() -> Completer:
    return Completer(empty_memory())


@pytest.mark.parametrize(
    ("text", "place", "detail"),
    [
        ("建设路8号 浙江义乌佛堂镇", "浙江省金华市义乌市佛堂镇", "建设路8号"),
        ("青年路5号 江苏如皋白蒲", "江苏省南通市如皋市白蒲镇", "青年路5号"),
        ("解放路22号（湖南浏阳）", "湖南省长沙市浏阳市", "解放路22号"),
        ("延安西路728号上海长宁", "上海市长宁区", "延安西路728号"),
        ("淮海中路999号 上海徐汇", "上海市徐汇区", "淮海中路999号"),  # the road runs through 黄浦区 too
        ("体育西路103号 广州天河", "广东省广州市天河区", "体育西路103号"),
        ("学院路30号,北京海淀", "北京市海淀区", "学院路30号"),
        ("人民南路1号 四川成都", "四川省成都市", "人民南路1号"),
        ("文三路398号杭州西湖区", "浙江省杭州市西湖区", "文三路398号"),
    ],
)
def test_the_names_tell_the_place(plain, text, place, detail):
    answer = plain.complete(text)
    assert (answer.path.full, answer.detail) == (place, detail)
    assert answer.confidence <= 0.89


@pytest.mark.parametrize(
    "text",
    [
        "人民路5号 北京烤鸭",
        "中山路2号 南京银行",
        "3号楼 江苏银行 昆山支行",
        "解放路 张三 李四",
        "A座 云南白药",
        "火车站 西安饭庄",
    ],
)
def test_other_words_are_no_names(plain, text):
    assert plain.complete(text).full == text


def test_names_at_the_front_count_more(plain):
    assert plain.complete("江苏省昆山市人民路5号 上海徐汇").county == "昆山市"
