"""Every record of an imported file becomes a row or is named."""

from __future__ import annotations

import json

import polars
import pytest

from buqi.errors import UsageError
from buqi.rows.importing import import_rows_of


def imported(path, src=None, tgt=None):
    found = import_rows_of(path, None, src, tgt)
    assert found is None or (found.read == len(found.rows) + len(found.named) and found.read > 0)
    return found


def test_an_object_that_holds_the_rows_is_named(tmp_path):
    (tmp_path / "a.json").write_text('{"rows": [{"src": "a", "tgt": "b"}]}')
    with pytest.raises(UsageError, match="an object that holds rows under rows; keep only that list"):
        imported(tmp_path / "a.json")


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
