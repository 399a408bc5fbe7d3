"""A city or province at the end of an address is read as if it stood at the front, where both are one place."""

from __future__ import annotations

import pytest

from buqi.address.completer import Completer
from buqi.address.turned import EndReader
from buqi.divisions import load_matcher
from buqi.places.memory import empty_memory


@pytest.fixture(scope="module")
def ends() -> EndReader:
    return EndReader(load_matcher())


@pytest.mark.parametrize(
    ("text", "turned"),
    [
        ("东城区莞樟路3号，东莞", "东莞东城区莞樟路3号"),
        ("东城区莞樟路3号东莞市", "东莞市东城区莞樟路3号"),
        ("东城区莞樟路3号东莞市广东省", "广东省东莞市东城区莞樟路3号"),
        ("铁西区建设大路8号 沈阳", "沈阳铁西区建设大路8号"),
        ("鼓楼区（徐州）淮海东路", "徐州鼓楼区淮海东路"),
        ("和平镇（福建邵武）1号", "福建邵武和平镇1号"),
        ("渌口区（原株洲县）龙门镇", ""),  # a remark
        ("鼓楼区（云龙湖旁）1号", ""),
        ("东城区建国门3号，上海", ""),  # the end and the front are no one place
        ("长安区王曲街道，石家庄", ""),  # the town is that of another 长安区
        ("鼓楼区北京路", ""),
        ("鼓楼区中央路1号南京", ""),  # a short name behind no separator may be part of another
        ("中山路8号，东莞", ""),  # no county or town at the front: the matcher reads it
        ("上海", ""),
        ("", ""),
    ],
)
def test_what_is_turned(ends, text, turned):
    match = ends.matcher.match(text)
    found = ends.turned(match)
    assert found.text == (turned or text) and (turned or found is match)


@pytest.mark.parametrize(
    ("text", "full"),
    [
        ("东城区莞樟路华莱士对面重庆小面，东莞", "广东省东莞市东城街道莞樟路华莱士对面重庆小面"),
        ("朝阳区建国路88号，长春", "吉林省长春市朝阳区建国路88号"),
    ],
)
def test_answers_keep_the_input(text, full):
    answer = Completer(empty_memory()).complete(text)
    assert (answer.input, answer.full) == (text, full)


@pytest.mark.parametrize(
    ("text", "full", "end"),
    [
        ("东城区建国门3号，上海", "北京市东城区建国门街道建国门3号，上海", "上海"),
        ("长安区王曲街道，石家庄", "陕西省西安市长安区王曲街道石家庄", "石家庄"),
        ("天河区石牌街道，佛山市", "广东省广州市天河区石牌街道佛山市", "佛山市"),
    ],
)
def test_an_end_that_contradicts_is_noted(text, full, end):
    answer = Completer(empty_memory()).complete(text)
    assert answer.full == full
    assert answer.notes == (f"{end}: contradicts the other names",)
    assert answer.confidence == 0.9


def test_an_end_that_agrees_says_nothing():
    answer = Completer(empty_memory()).complete("海淀区中关村大街1号，北京市")
    assert answer.notes == () and answer.confidence > 0.9
