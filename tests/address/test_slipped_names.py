"""A mistyped city or county between two names that agree."""

from __future__ import annotations

import pytest

from buqi.address.completer import Completer
from buqi.address.completion import Completion
from buqi.address.slipped_names import SlippedNames


@pytest.fixture(scope="module")
def slipped() -> SlippedNames:
    completer = Completer()
    return SlippedNames(completer.matcher, completer.complete)


@pytest.mark.parametrize(
    ("text", "place", "detail", "note"),
    [
        ("江苏省苏州市昆善花桥镇", "江苏省苏州市昆山市花桥镇", "", "昆善: read as 昆山市 (same sound)"),
        (
            "浙江义鸟佛堂镇双峰路5号",
            "浙江省金华市义乌市佛堂镇",
            "双峰路5号",
            "义鸟: read as 义乌市 (similar character)",
        ),
        ("广东东菀虎门镇", "广东省东莞市虎门镇", "", "东菀: read as 东莞市 (same sound)"),
        ("甘肃定西泯县梅川镇", "甘肃省定西市岷县梅川镇", "", "泯县: read as 岷县 (same sound)"),
        ("江苏淮安于台县马坝镇", "江苏省淮安市盱眙县马坝镇", "", "于台县: read as 盱眙县 (same sound)"),
        ("广东 深川 龙岗 坂田", "广东省深圳市龙岗区坂田街道", "", "深川: read as 深圳市 (similar character)"),
        ("福建夏门集美杏林", "福建省厦门市集美区杏林街道", "", "夏门: read as 厦门市 (same sound)"),
    ],
)
def test_a_name_between_two_that_agree_is_read(
    slipped: SlippedNames, text: str, place: str, detail: str, note: str
) -> None:
    answer = slipped.read(Completion.nothing(text))
    assert (answer.path.full, answer.detail, answer.notes) == (place, detail, (note,))
    assert answer.confidence is not None
    assert answer.confidence <= 0.9


def test_a_county_that_is_said_again_is_not_left_in_the_detail() -> None:
    answer = Completer().complete("江苏省 苏州市 昆山市 江苏 昆善 花桥")
    assert (answer.path.full, answer.detail) == ("江苏省苏州市昆山市花桥镇", "")


def test_two_names_may_be_mistyped(slipped: SlippedNames) -> None:
    answer = slipped.read(Completion.nothing("湖南株州醴凌白兔潭镇"))
    assert answer.path.full == "湖南省株洲市醴陵市白兔潭镇"
    assert len(answer.notes) == 2


@pytest.mark.parametrize(
    "text",
    [
        "义鸟佛堂镇",  # nothing around it
        "江苏 南通 江宁",  # 南通 is a name itself
        "山东 青年 黄岛",  # 年 is not like 岛
        "广东 张三 虎门",
        "江苏省苏州市昆善人民路5号",  # nothing of 昆山 follows
    ],
)
def test_what_may_be_no_mistyped_name_is_left(slipped: SlippedNames, text: str) -> None:
    answer = Completion.nothing(text)
    assert slipped.read(answer) is answer


def test_a_sure_answer_with_a_town_is_left(slipped: SlippedNames) -> None:
    answer = Completer().complete("江苏省苏州市昆山市花桥镇昆善路")
    assert slipped.read(answer) is answer
