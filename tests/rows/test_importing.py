"""Every record of an imported file becomes a row or is named."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal

import polars
import pytest

from buqi.errors import UsageError
from buqi.rows.importing import import_rows_of
from buqi.rows.read import line_of


def imported(path, src=None, tgt=None):
    found = import_rows_of(path, None, src, tgt)
    assert found is None or (found.read == len(found.rows) + len(found.named) and found.read > 0)
    return found


def test_an_object_may_hold_the_rows(tmp_path):
    path = tmp_path / "a.json"
    path.write_text('{"rows": [{"row_idx": 0, "row": {"src": "a", "tgt": "b"}}, {"row_idx": 1, "row": {"src": "c"}}]}')
    found = imported(path)
    assert [(row.src, row.where) for row in found.rows] == [(("a",), f"{path}:1: rows[0]")]
    assert found.named == [f"{path}:1: rows[1]: expected src and tgt, found src"]


@pytest.mark.parametrize("text", ['{"a": 1}\n5\n', '"src": 1}\n', "[]"])
def test_what_is_no_table_either_is_refused(tmp_path, text):
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(UsageError, match="a.json"):
        imported(tmp_path / "a.json")


def test_any_record_may_be_the_first_of_a_known_format(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"_comment": "v1"}\n{"prompt": "q", "response": "a", "id": 3}\n')
    found = imported(path)
    assert found.format == "prompt/response" and found.kept == {"id": 1}
    assert found.named == [f"{path}:1: expected src and tgt, found _comment"]


def test_bad_answers_are_named(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("prompt,completion,label\nq,good,True\np,bad,False\n")
    assert [row.tgt for row in imported(path).rows] == [("good",)]
    path = tmp_path / "a.jsonl"
    path.write_text('{"src": "q", "tgt": "a", "label": false}\n{"src": "q", "tgt": [], "response": [1], "sort": [1]}')
    assert ["label false" in line or "response and sort: a choice" in line for line in imported(path).named] == [
        True
    ] * 2


def test_columns_of_records_are_text_or_lists_of_text(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"q": "x", "a": {"text": ["y"]}}\n{"q": "x", "a": 1.10}\n{"q": 3, "a": true}\n{"q": "x"}\n')
    found = imported(path, "q", "a")
    assert [(row.src, row.tgt) for row in found.rows] == [(("x",), ("1.10",)), (("3",), ("true",))]
    assert "found dict" in found.named[0] and "found an empty string" in found.named[1]
    with pytest.raises(UsageError, match="--src and --tgt: both are q"):
        imported(path, "q", "q")


def test_names_of_columns_are_known_in_any_case(tmp_path):
    (tmp_path / "a.csv").write_text("Src,Tgt,ID\nq,a,7\n")
    assert [(row.src, row.tgt, row.meta) for row in imported(tmp_path / "a.csv").rows] == [
        (("q",), ("a",), {"ID": "7"})
    ]
    (tmp_path / "a.csv").write_text("SRC,Src,tgt\nq,p,a\n")
    assert imported(tmp_path / "a.csv") is None


def test_messages_may_stand_as_json_in_a_table(tmp_path):
    talk = json.dumps([{"from": "human", "value": "q"}, {"from": "gpt", "value": "a"}]).replace('"', '""')
    (tmp_path / "a.csv").write_text(f'id,conversations\n1,"{talk}"\n')
    assert [(row.src, row.meta) for row in imported(tmp_path / "a.csv").rows] == [(("q",), {"id": "1"})]


def test_values_that_json_lacks_are_kept_as_text(tmp_path):
    values = {"at": datetime(2024, 1, 1), "raw": b"x", "price": Decimal("1.10"), "score": float("nan")}
    polars.DataFrame({"src": ["q"], "tgt": [1]} | {name: [value] for name, value in values.items()}).write_parquet(
        tmp_path / "a.parquet"
    )
    (row,) = imported(tmp_path / "a.parquet").rows
    assert json.loads(line_of(row)) == {
        "src": "q", "tgt": "1", "at": "2024-01-01 00:00:00", "raw": "x", "price": "1.10", "score": None,
    }  # fmt: skip


def test_columns_by_their_own_names(tmp_path):
    path = tmp_path / "bank.csv"
    path.write_text('text,category\n"Where, please, is\nmy card?",card_arrival\nlost,\nx,y\ntext,category\n')
    found = imported(path, "text", "category")
    assert [(row.src[0], row.tgt[0], row.where) for row in found.rows] == [
        ("Where, please, is\nmy card?", "card_arrival", f"{path}:2"), ("x", "y", f"{path}:5"),
    ]  # fmt: skip
    assert found.left_out == {"incomplete": 1, "header again": 1}
    assert found.named[0].startswith(f"{path}:4: tgt") and found.named[1].startswith(f"{path}:6: the header again")
    with pytest.raises(UsageError, match="no column intent; it has text, category"):
        imported(path, "text", "intent")
    with pytest.raises(UsageError, match="name both columns"):
        imported(path, "text")


def test_records_of_other_toolkits(tmp_path):
    path = tmp_path / "chats.jsonl"
    user, bot = {"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}
    records = [{"messages": [user, bot]}, {"messages": [user]}, {"src": "x", "tgt": "y"}, {"other": 1}]
    path.write_text("\n".join(map(json.dumps, records)))
    found = imported(path)
    assert found.format == "messages" and [row.src for row in found.rows] == [("q",), ("x",)]
    assert found.left_out["not a row"] == 2 and f"{path}:2: messages[0]: the last question" in found.named[0]
    path.write_text('{"src": "a", "tgt": "b"}\n{"src": ')
    with pytest.raises(UsageError, match=":2: not JSON"):
        imported(path)


def test_tables_and_parquet_of_other_toolkits(tmp_path):
    chat = [{"from": "human", "value": "q"}, {"from": "gpt", "value": "a"}]
    polars.DataFrame({"conversations": [chat, chat[:1]]}).write_parquet(tmp_path / "a.parquet")
    found = imported(tmp_path / "a.parquet")
    assert [row.tgt for row in found.rows] == [("a",)] and len(found.named) == 1
    (tmp_path / "alpaca.csv").write_text("instruction,input,output\nSay,cat,猫\nGo,,去\n", encoding="utf-8")
    assert [row.src[0] for row in imported(tmp_path / "alpaca.csv").rows] == ["Say\ncat", "Go"]
    (tmp_path / "addresses.csv").write_text("地址\n碑林区1号\n", encoding="utf-8")
    assert imported(tmp_path / "addresses.csv") is None


def written(folder, rows):
    path = folder / "rows.jsonl"
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def test_a_list_within_a_row_is_no_list_of_rows(tmp_path):
    rows = [{"question_zh": f"q{n}", "reply": f"a{n}", "examples": [{"question": "x", "answer": "y"}]} for n in "12"]
    found = import_rows_of(written(tmp_path, rows), None, "question_zh", "reply")
    assert [(row.src, row.tgt) for row in found.rows] == [(("q1",), ("a1",)), (("q2",), ("a2",))]
    assert import_rows_of(written(tmp_path, rows), None, None, None) is None


def test_columns_of_other_formats_do_not_make_addresses_rows(tmp_path):
    for more in ({"chosen": "1", "rejected": "0"}, {"contents": ["苹果"]}, {"columns": "a", "index": "1", "data": "b"}):
        rows = [{"地址": "陕西省西安市碑林区长安路1号"} | more] * 2
        assert import_rows_of(written(tmp_path, rows), None, None, None) is None
    rows = [{"query": "q", "response": "a", "sort": "3"}, {"query": "r", "response": "b", "sort": None}]
    assert len(import_rows_of(written(tmp_path, rows), None, None, None).rows) == 2


def test_a_full_width_comma_that_was_meant_to_divide_cells_is_said(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("问题，标签\n你好，问候\n", encoding="utf-8")
    with pytest.raises(
        UsageError, match=r"no column 问题, 标签; it has 问题，标签; a full-width comma \(，\) divides no cells"
    ):
        imported(path, "问题", "标签")
