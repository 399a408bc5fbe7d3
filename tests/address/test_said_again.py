"""Names of the answer that its lead or detail says again."""

from __future__ import annotations

import pytest

from buqi.address.completion import Completion
from buqi.address.said_again import said_once
from buqi.divisions import load_matcher, load_table

KUNSHAN, WUZHONG, MINHANG, RONGCHENG, YINZHOU, RANGHULU = "320583", "320506", "310112", "130629", "330212", "230604"


@pytest.mark.parametrize(
    ("code", "detail", "left"),
    [
        (RONGCHENG, "雄安新区容城县", "雄安新区"),
        (RONGCHENG, "雄安新区容城县奥威路1号", "雄安新区奥威路1号"),
        (WUZHONG, "江苏苏州 215127 沈老师", "215127 沈老师"),
        (WUZHONG, "宝带东路1号 江苏苏州 沈老师", "宝带东路1号 沈老师"),
        (YINZHOU, "（现鄞州区）中兴路", "中兴路"),
        (RANGHULU, "大庆让胡路西宾路", "西宾路"),
        (RANGHULU, "大庆让胡路医院", "大庆让胡路医院"),
        (YINZHOU, "（现江北区）中兴路", "（现江北区）中兴路"),
        (KUNSHAN, "苏州 昆山路5号", "苏州 昆山路5号"),
        (KUNSHAN, "昆山 绿地大道12号", "昆山 绿地大道12号"),
        (KUNSHAN, "高新区 科技路", "高新区 科技路"),
    ],
)
def test_a_detail_says_no_name_of_the_answer_again(code: str, detail: str, left: str) -> None:
    path = load_table().path(code)
    answer = said_once(Completion.known(path.full + detail, path, detail, 0.99), load_matcher())
    assert (answer.detail, answer.full) == (left, path.full + left)


@pytest.mark.parametrize(
    ("lead", "left", "detail"),
    [
        ("中国/江苏/苏州/", "中国/", "人民路"),
        ("江苏 苏州 ", "", "人民路"),
        ("张三 江苏 ", "张三 江苏 ", "人民路"),
        ("花桥新区", "", "花桥新区人民路"),
        ("地址：", "地址：", "人民路"),
    ],
)
def test_a_lead_says_no_name_of_the_answer_again(lead: str, left: str, detail: str) -> None:
    path = load_table().path(KUNSHAN)
    text = lead + path.full + "人民路"
    answer = said_once(Completion.known(text, path, "人民路", 0.99, lead=lead), load_matcher())
    assert (answer.lead, answer.detail) == (left, detail)


def test_short_names_at_the_end_give_the_town() -> None:
    path = load_table().path(MINHANG)
    detail = "沪闵路7866弄 闵行莘庄"
    answer = said_once(Completion.known(detail, path, detail, 0.97), load_matcher())
    assert (answer.path.name("town"), answer.detail, answer.status) == ("莘庄镇", "沪闵路7866弄", "complete")


def test_a_refusal_stays() -> None:
    refused = Completion.nothing("中国 江苏 苏州")
    assert said_once(refused, load_matcher()) is refused
