from __future__ import annotations

import json

import pytest

from buqi.errors import UsageError
from buqi.rows import Row, find_sets, read_rows, write_rows

ROW = {"src": "补齐五级行政地址: 碑林区1号", "tgt": "陕西省西安市碑林区1号"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "utf-16"])
def test_encodings(tmp_path, encoding):
    path = tmp_path / "rows.json"
    path.write_text(json.dumps(ROW, ensure_ascii=False) + "\n", encoding=encoding)
    assert read_rows(path)[0].tgt == (ROW["tgt"],)


def test_array_and_lines_are_the_same(tmp_path):
    array, lines = tmp_path / "a.json", tmp_path / "l.json"
    array.write_text(json.dumps([ROW, ROW | {"system": "s"}], ensure_ascii=False, indent=1), encoding="utf-8")
    lines.write_text("\n\n".join(json.dumps(r) for r in (ROW, ROW | {"context": {"system": "s"}})))
    assert read_rows(array) == read_rows(lines)
    assert read_rows(array)[1].where == f"{array}:6"


def test_written_rows_read_back(tmp_path):
    rows = [Row(("a", "b"), ("c", "d"), "s", {"damage": "typo"}), Row(("x",), ("y",))]
    write_rows(tmp_path / "r.json", rows)
    again = read_rows(tmp_path / "r.json")
    assert again == rows
    assert again[0].meta == {"damage": "typo"}


def test_every_bad_row_is_named(tmp_path):
    path = tmp_path / "bad.json"
    bad = [
        "{}",
        '{"src": "x"}',
        '{"src": 5, "tgt": "y"}',
        '{"src": ["a"], "tgt": ["b", "c"]}',
        '{"src": "a", "tgt": ["b"]}',
        '{"src": " ", "tgt": "y"}',
        "[1]x",
        '{"src": "a", "tgt": "b", "system": 3}',
    ]
    path.write_text("\n".join(['{"src": "ok", "tgt": "ok"}', *bad]))
    with pytest.raises(UsageError) as caught:
        read_rows(path)
    text = str(caught.value)
    assert text.startswith("8 bad rows")
    for line in range(2, 10):
        assert f"{path}:{line}: " in text
    assert "equal length, found 1 src and 2 tgt" in text
    assert "expected src and tgt, found src" in text


def test_open_array_is_named(tmp_path):
    path = tmp_path / "open.json"
    path.write_text('[{"src": "a", "tgt": "b"},\n')
    with pytest.raises(UsageError, match=r"open\.json:2.*not closed"):
        read_rows(path)


def test_missing_empty_and_binary(tmp_path):
    with pytest.raises(UsageError, match="no such file"):
        read_rows(tmp_path / "none.json")
    (tmp_path / "empty.json").write_text("\n")
    with pytest.raises(UsageError, match="empty"):
        read_rows(tmp_path / "empty.json")
    (tmp_path / "binary.json").write_bytes(b"\x80\xff\xff\x00\x81")
    with pytest.raises(UsageError, match="neither UTF-8 nor GBK"):
        read_rows(tmp_path / "binary.json")


def test_missing_set_says_what_is_there(tmp_path):
    (tmp_path / "trian.json").write_text("")
    with pytest.raises(UsageError, match=r"train\.json missing; it holds trian\.json"):
        find_sets(tmp_path)
