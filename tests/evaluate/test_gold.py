"""Rows of which only levels are known, by former names too."""

from __future__ import annotations

import json

import pytest

from buqi.answering import AnswerOptions
from buqi.errors import UsageError
from buqi.evaluate.compare import compare_rows
from buqi.evaluate.contestants import AddressContestant
from buqi.evaluate.gold import read_gold
from buqi.evaluate.prediction import Prediction
from buqi.rows import Row
from buqi.task import ADDRESS
from tests.evaluate.conftest import LEVELS, Says


def test_levels_only_rows_are_read_and_scored(tmp_path):
    path = tmp_path / "gold.jsonl"
    records = [
        {"input": "碑林区1号", **LEVELS, "town": "", "slice": "S1", "gold": "陕西省西安市碑林区1号"},
        {"input": "经开区1号", "province": "吉林省", "city": "长春市", "county": "", "slice": "N4", "gold": ""},
        {"input": "鼓楼区中山路", "province": "北京市", "city": "", "county": "朝阳区", "slice": "S2"},
    ]
    path.write_text("\n".join(json.dumps(r, ensure_ascii=False) for r in records), encoding="utf-8")
    read = read_gold(path)
    assert [row.meta["levels"] for row in read] == [
        LEVELS,
        {"province": "吉林省", "city": "长春市"},
        {"province": "北京市", "city": "", "county": "朝阳区"},
    ]
    found = compare_rows(ADDRESS, read, [AddressContestant(AnswerOptions("match"))])
    assert found.entries[0].right == [True, False, False]
    figures = found.as_json()["contestants"]["match"]
    assert figures["by_slice"]["S1"]["right"] == 1.0 and figures["refused"] > 0
    path.write_text('{"input": "x"}\n')
    with pytest.raises(UsageError, match="no level is known"):
        read_gold(path)


def test_a_text_without_a_place_has_no_right_answer_but_none(tmp_path):
    path = tmp_path / "gold.jsonl"
    nowhere = {"province": "", "city": "", "county": ""}
    records = [
        {"input": "瑜伽垫加厚", **nowhere, "slice": "none"},
        {"input": "碑林区1号", **nowhere, "slice": "none"},
        {"input": "西安市1号", **LEVELS, "scored": "province and city"},
    ]
    path.write_text("\n".join(json.dumps(r, ensure_ascii=False) for r in records), encoding="utf-8")
    read = read_gold(path)
    assert read[2].meta["levels"] == {"province": "陕西省", "city": "西安市"}
    found = compare_rows(ADDRESS, read, [AddressContestant(AnswerOptions("match"))])
    assert found.entries[0].right == [True, False, True]
    figures = found.as_json()["contestants"]["match"]["by_slice"]["none"]
    assert (figures["right"], figures["wrong"]) == (0.5, 0.5)


def test_former_names_count_as_todays():
    place = {"province": "陕西省", "city": "咸阳市"}
    row = Row((ADDRESS.prompt("x"),), ("",), meta={"levels": place | {"county": "彬县"}})
    today = Says("says", Prediction("", place | {"county": "彬州市"}))
    assert compare_rows(ADDRESS, [row], [today]).entries[0].right == [True]


def test_a_null_level_is_none_and_a_line_separator_ends_no_line(tmp_path):
    path = tmp_path / "gold.jsonl"
    record = {"input": "朝阳区建国路\u202888号", "province": "北京市", "city": None, "county": "朝阳区"}
    path.write_text(json.dumps(record, ensure_ascii=False), encoding="utf-8")
    (row,) = read_gold(path)
    assert row.meta["levels"] == {"province": "北京市", "city": "", "county": "朝阳区"}
    assert compare_rows(ADDRESS, [row], [AddressContestant(AnswerOptions("match"))]).entries[0].scores


@pytest.mark.parametrize(
    "record",
    [
        "{", "[" * 100_000, '{"input": ' + "9" * 5000 + "}", '["input"]', '{"province": "x"}', '{"input": 5}',
        '{"input": null, "province": "x"}', '{"input": "a", "province": ["x"]}', '{"input": "a", "city": {}}',
        '{"input": "a", "province": "x", "gold": {}}', '{"input": "a", "province": "x", "slice": ["b"]}',
        '{"input": "a", "province": "x", "scored": 5}', '{"input": "a", "province": "x", "scored": [5]}',
        '{"input": "\\ud800", "province": "x"}', '{"input": "a", "province": "\\ud800"}',
    ],
)  # fmt: skip
def test_a_row_that_is_none_is_one_sentence(tmp_path, record):
    path = tmp_path / "gold.jsonl"
    path.write_text('{"input": "碑林区1号", "province": "陕西省"}\n' + record + "\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"gold.jsonl:2: expected input and levels \(province, city…\) as texts"):
        read_gold(path)
