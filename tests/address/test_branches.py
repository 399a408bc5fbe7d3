"""Branches of institutions in another city."""

from __future__ import annotations

import pytest

from buqi.address.branches import has_branch
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
        ("南昌大学抚州医学院", "抚州市"),
        ("中南大学湘雅常德医院", "常德市"),
        ("复旦大学附属中山医院厦门医院", "厦门市"),  # 中山 is a hospital's name
        ("武汉理工大学南湖校区", ""),  # 南湖区 is in another province
        ("上海交通大学医学院附属瑞金医院", ""),
        ("首都医科大学附属北京朝阳医院", ""),
        ("浙江大学紫金港校区", ""),
        ("西安市碑林区西北大学太仓校区", ""),  # a division is named in full
        ("碑林区长安路1号", ""),
    ],
)
def test_the_place_that_a_branch_is_named_after(completer, text, name):
    assert place(completer, text) == name


def test_the_name_stays_whole(completer):
    answer = completer.complete("哈尔滨工业大学(威海)")
    assert (answer.full, answer.input) == ("山东省威海市哈尔滨工业大学(威海)", "哈尔滨工业大学(威海)")
    assert answer.confidence == 0.89
