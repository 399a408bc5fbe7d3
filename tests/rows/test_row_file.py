"""Rows of a large file are those of a small one, and none is held."""

from __future__ import annotations

import json

import pytest

from buqi.errors import UsageError
from buqi.rows import RowFile, open_rows, read_rows, row_file
from tests.conftest import pairs, write_jsonl


@pytest.fixture(autouse=True)
def _all_are_large(monkeypatch):
    monkeypatch.setattr(row_file, "LARGE", 0)


def test_rows_are_those_that_are_read_whole(tmp_path):
    path = write_jsonl(tmp_path / "r.json", [*pairs(20), {"src": ["一", "二"], "tgt": ["三", "四"], "label": [0, 1]}])
    rows = open_rows(path)
    assert isinstance(rows, RowFile)
    whole = read_rows(path)
    assert list(rows) == list(rows) == whole and len(rows) == 21
    assert [row.where for row in rows] == [row.where for row in whole]
    assert rows[3] == whole[3] and rows[:4] == whole[:4] and rows[-1] == whole[-1]
    with pytest.raises(IndexError):
        rows[21]


def test_what_is_no_plain_lines_is_read_whole(tmp_path):
    lines = "\n".join(json.dumps(row, ensure_ascii=False) for row in pairs(3))
    texts = {
        "array": ("[" + lines.replace("\n", ",") + "]").encode(),
        "gbk": json.dumps({"src": "中国的城市", "tgt": "是"}, ensure_ascii=False).encode("gbk"),
        "mark": b"\xef\xbb\xbf" + lines.encode(),
        "returns": lines.replace("\n", "\r\n").encode(),
        "pretty": json.dumps(pairs(1)[0], indent=1).encode(),
    }
    for name, data in texts.items():
        (tmp_path / name).write_bytes(data)
        assert isinstance(open_rows(tmp_path / name), list), name


def test_bad_rows_are_all_named_at_the_end(tmp_path):
    path = tmp_path / "r.json"
    path.write_text('{"src": "a", "tgt": "b"}\n\n{"src": "a"}\n{"src": "", "tgt": "b"}\n', encoding="utf-8")
    rows = iter(open_rows(path))
    assert next(rows).src == ("a",)
    with pytest.raises(UsageError, match="2 bad rows in ") as told:
        list(rows)
    assert ":3: expected src and tgt" in str(told.value) and ":4: src: expected text" in str(told.value)
    path.write_text('{"messages": []}\n' * 2, encoding="utf-8")
    with pytest.raises(UsageError, match="rows of the format messages"):
        list(open_rows(path))
    path.write_text("", encoding="utf-8")
    with pytest.raises(UsageError, match="empty"):
        list(open_rows(path))
