"""Names that the chosen division repeats are said once; all else stays as it is written."""

from __future__ import annotations

import pytest

from buqi.address.placed import candidate_in, placed
from buqi.bench.kept_text import is_kept
from buqi.divisions import load_matcher, load_table


@pytest.mark.parametrize(
    ("text", "code", "full"),
    [
        ("碑林区友谊路1号", "610103", "陕西省西安市碑林区友谊路1号"),
        ("扶风法门镇法门寺", "610324", "陕西省宝鸡市扶风县法门镇法门寺"),
        ("法门镇法门寺", "610324", "陕西省宝鸡市扶风县法门镇法门寺"),
        ("碑吝区长乐路1号", "610103", "陕西省西安市碑林区长乐路1号"),
        ("朝阳区建国路88号", "220104", "吉林省长春市朝阳区建国路88号"),
        ("朝阳区建国路88号", "2201", "吉林省长春市朝阳区建国路88号"),
        ("友谊路1号", "610103", "陕西省西安市碑林区友谊路1号"),
        ("收货地址：碑林区友谊路1号", "610103", "陕西省西安市碑林区友谊路1号"),
    ],
)
def test_where_an_address_is_placed(text, code, full):
    found = placed(load_matcher().match(text), code, load_table(), 0.9)
    assert found.full == full and found.input == text and found.confidence == 0.9
    assert found.status == ("complete" if found.town else "partial") and found.decided == "model"


def test_a_reading_is_of_the_division_or_around_it():
    match, table = load_matcher().match("朝阳区建国路88号"), load_table()
    assert candidate_in(match, "220104", table).code == "220104"
    assert candidate_in(match, "610103", table) is None
    city = load_matcher().match("西安市科技路2号")
    assert candidate_in(city, "610113", table).code == "6101" and candidate_in(city, "61", table).code == "6101"


@pytest.mark.parametrize(
    ("text", "lead", "detail"),
    [
        ("(陕西)自由贸易试验区1号", "(", "自由贸易试验区1号"),
        ("陕西自由贸易试验区1号", "", "自由贸易试验区1号"),
        ("收货地址：(陕西)自由贸易试验区1号", "收货地址：(", "自由贸易试验区1号"),
        ("(友谊路1号)", "", "(友谊路1号)"),
    ],
)
def test_a_bracket_around_a_name_is_not_lost(text, lead, detail):
    match = load_matcher().match(text)
    found = placed(match, "610103", load_table())
    assert (found.lead, found.detail) == (lead, detail) and is_kept(found, match)
