from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buqi.address import Completion
from buqi.address.completer import Completer
from buqi.divisions import load_matcher, load_table
from buqi.places.memory import empty_memory

TEXT = "扶风法门镇法门寺"


def test_whole_answer():
    record = Completion.from_answer(TEXT, "陕西省宝鸡市扶风县法门镇法门寺").as_json()
    assert record["full"] == "陕西省宝鸡市扶风县法门镇法门寺"
    assert [record[k] for k in ("province", "city", "county", "town", "village")] == [
        "陕西省", "宝鸡市", "扶风县", "法门镇", "",
    ]  # fmt: skip
    assert record["codes"] == {"province": "61", "city": "6103", "county": "610324", "town": "610324107"}
    assert (record["detail"], record["status"], record["confidence"]) == ("法门寺", "complete", None)


def test_no_town_is_partial_and_municipalities_have_no_city():
    record = Completion.from_answer("朝阳区建国路1号", "北京市朝阳区建国路1号").as_json()
    assert (record["status"], record["city"], record["detail"]) == ("partial", "", "建国路1号")


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ("四川音乐学院2号", "四川音乐学院2号"),
        ("陕西西安交通大学", "西安交通大学"),
        ("四川省音乐学院", "音乐学院"),
        ("陕西西安长安大学", "长安大学"),
    ],
)
def test_an_institutions_name_stays_whole(text, detail):
    assert Completion.from_match(load_matcher().match(text)).detail == detail


def check_refused(answer: str, word: str, stopped: bool = True) -> None:
    found = Completion.from_answer(TEXT, answer, stopped)
    assert (found.status, found.full, found.detail) == ("unknown", TEXT, TEXT)
    assert found.alternatives[0]["full"] == answer
    assert word in found.notes[0]


def test_what_is_not_in_the_table_or_not_the_input_is_refused():
    check_refused(TEXT, "divisions of the table")
    check_refused("陕西省法门镇法门寺", "divisions of the table")
    check_refused("陕西省宝鸡市扶风县法门镇法门庙", "end of the input")
    check_refused("陕西省宝鸡市扶风县法门镇法门寺", "did not end", stopped=False)


@given(st.text(max_size=30), st.text(max_size=30))
def test_no_answer_breaks_it_or_leaves_the_table(text, answer):
    found = Completion.from_answer(text, answer)
    assert text.endswith(found.detail)
    assert found.full == found.path.full + found.detail
    assert all(load_table().by_code[code] for code in found.path.codes.values())


@pytest.mark.parametrize(
    ("text", "detail", "town"),
    [
        ("佳木斯市向阳区保卫街道胜利路5号", "保卫街道胜利路5号", ""),
        ("绛县么里镇么里镇么里村", "么里镇么里村", ""),  # said twice, it stays once
        ("赫章县松林坡乡喜鹊村", "喜鹊村", "松林坡白族彝族苗族乡"),  # the village tells which town it is today
    ],
)
def test_a_former_town_stays_where_no_town_of_today_is_known(text, detail, town):
    found = Completer(empty_memory()).complete(text)
    assert (found.detail, found.path.name("town")) == (detail, town)
    assert len(found.notes) == 1 and (": today" in found.notes[0] or ": read as" in found.notes[0])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("广州市荔湾区芳村", ("芳村: today 荔湾区",)),
        ("第八师石河子市", ("第八师: today 石河子市",)),
        ("天津市大港区大港油田", ("大港区: today 滨海新区",)),
        ("科左中旗保康镇", ()),
        ("莱,州东环路口北", ()),
        ("上海市徐江区", ()),  # no county is answered, so nothing is said of one
    ],
)
def test_a_short_name_of_another_place_is_noted(text: str, said: tuple[str, ...]) -> None:
    assert Completer(empty_memory()).complete(text).notes == said
