"""The next name of a chain may stand behind a bracket or a word that means nothing."""

from __future__ import annotations

import pytest

from buqi.divisions.chain import State, grow
from buqi.divisions.joints import ended, is_listed, joints, past_close
from buqi.divisions.meaning import FULL, Meaning


def behind(code: str, length: int) -> State:
    state = grow(State(0), 0, length, [Meaning(code, FULL, "", len(code) // 2)])
    assert state is not None
    return state


@pytest.mark.parametrize(
    ("text", "positions"),
    [
        ("安徽省太和县", [3]),
        ("安徽省的太和县", [3, 4]),
        ("安徽省（太和县）", [3, 4]),
        ("安徽省", [3]),
    ],
)
def test_where_the_next_name_may_begin(text, positions):
    assert joints(text, behind("34", 3)) == positions


def test_a_part_of_hong_kong_is_passed():
    assert joints("香港九龙油尖旺区", behind("81", 2)) == [2, 4]


def test_only_an_open_bracket_stands_before_the_first_name():
    assert joints("(上海)自由贸易试验区", State(0)) == [0, 1]
    assert joints("的太和县", State(0)) == [0]


def test_a_bracket_is_closed_behind_the_name_that_it_opened_before():
    text = "安徽省(太和县)人民路"
    assert past_close(text, 4, 3, 7) == 8
    assert past_close("安徽省太和县)", 3, 3, 6) == 6
    assert past_close("安徽省(太和县", 4, 3, 7) == 7


def test_words_of_a_list_stand_behind_a_county_only():
    assert all(is_listed(words, level) for words in ("请选择", "其他区") for level in (1, 2, 3))
    assert is_listed("城区", 3) and is_listed("六环以内", 3) and is_listed("三环到四环之间", 3)
    assert not is_listed("城区", 2) and not is_listed("市辖区", 3)


@pytest.mark.parametrize(
    ("text", "at", "end"),
    [
        ("杭州市市辖区文三路", 3, 6),
        ("杭州市辖区文三路", 3, 5),
        ("杭州市辖区内", 3, 3),
        ("杭州市郊县", 3, 5),
        ("杭州市郊县农场", 3, 3),
        ("杭州市文三路", 3, 3),
    ],
)
def test_the_title_of_a_part_of_the_table_is_passed_behind_a_city(text, at, end):
    assert ended(text, behind("3301", at)).at == end
