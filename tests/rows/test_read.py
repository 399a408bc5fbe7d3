from __future__ import annotations

import json

import pytest

from buqi.errors import UsageError
from buqi.rows import Row, find_sets, read_rows, write_rows

ROW = {"src": "补齐五级行政地址: 碑林区1号", "tgt": "陕西省西安市碑林区1号"}


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
        '{"src": "a", "tgt": ["b", "c"]}',
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


def test_a_file_without_rows_is_named(tmp_path):
    (tmp_path / "empty.json").write_text("\n")
    with pytest.raises(UsageError, match="empty"):
        read_rows(tmp_path / "empty.json")


@pytest.mark.parametrize("name", ["rows.csv", "rows.csv.gz", "rows.XLSX", "rows.parquet", "rows.ods"])
def test_a_table_is_no_file_of_rows(tmp_path, name):
    (tmp_path / name).write_text("src,tgt\na,b\n")
    with pytest.raises(UsageError, match=f"{name}: a table; make rows of it with buqi data import"):
        read_rows(tmp_path / name)


def test_a_file_of_choices_is_no_file_of_another_format(tmp_path):
    (tmp_path / "a.jsonl").write_text('{"prompt": "q", "chosen": "a", "rejected": "b"}\n')
    with pytest.raises(UsageError, match="1 bad rows .*\n.*:1: chosen, rejected: a choice between two answers"):
        read_rows(tmp_path / "a.jsonl")


def test_missing_set_says_what_is_there(tmp_path):
    (tmp_path / "trian.json").write_text("")
    with pytest.raises(UsageError, match=r"train\.json missing; it holds trian\.json"):
        find_sets(tmp_path)


def refused(path, data):
    path.write_bytes(data if isinstance(data, bytes) else data.encode("utf-8", "surrogatepass"))
    with pytest.raises(UsageError) as caught:
        read_rows(path)
    return str(caught.value)


@pytest.mark.parametrize("first", ["utf-8", "gbk"])
def test_two_encodings_in_one_file_are_named(tmp_path, first):
    one, other = (ROW | {"src": place} for place in ("西安", "宝鸡"))
    second = "gbk" if first == "utf-8" else "utf-8"
    lines = [json.dumps(row, ensure_ascii=False) for row in (one, other)]
    data = b"\n".join([lines[0].encode(first), b"", lines[1].encode(second)])
    told = refused(tmp_path / "rows.json", data)
    assert f"{tmp_path / 'rows.json'}:3: " in told and "line 1" in told and "two encodings" in told


def test_marks_of_joined_files_are_no_text(tmp_path):
    path = tmp_path / "rows.json"
    line = json.dumps(ROW, ensure_ascii=False)
    path.write_text(f"\ufeff{line}\n\ufeff{line}\n", encoding="utf-8")
    assert len(read_rows(path)) == 2
    path.write_text(f"\ufeff[{line}]\n\ufeff[{line}]", encoding="utf-8")
    assert [row.tgt for row in read_rows(path)] == [(ROW["tgt"],)] * 2


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{"src": "a\ufdd0", "tgt": "b"}', "U+FDD0"),
        ('{"src": "a", "tgt": "\u200b"}', "tgt: expected text, found an empty one: only U+200B, which is not seen"),
        ('{"src": "a", "tgt": 5}', "tgt: expected text or a list of texts, found int; write it in double quotes"),
        ('{"src": "a", "tgt": "b", "label": false}', "label false: a bad answer"),
        ('{"src": "a", "tgt": [], "response": [["c"], ["d"]], "sort": [1, 0]}', "a choice between two answers"),
        ('{"prompt": "a", "chosen": "b", "rejected": "c"}', "a choice between two answers"),
        ('{"src": ["a", "b"], "tgt": ["c", "d"], "label": [0, 0]}', "nothing of this row would be trained"),
        ('{"src": ["a", "b"], "tgt": ["c", "d"], "label": [0.0, 0.5]}', "expected 0 or 1 for each of 2 answers"),
        ('{"src": ["a", "b"], "tgt": ["c", "d"], "label": ["0", "1"]}', "expected 0 or 1 for each of 2 answers"),
        ('{"src": ["a", "b"], "tgt": ["c", "d"], "label": [1]}', "expected 0 or 1 for each of 2 answers"),
        ('{"src": ["s", "a"], "tgt": ["x", "b"], "is_system": 1}', "src[0] is the system message"),
        ('{"src": ["s", "a"], "tgt": ["", "b"], "is_system": 1, "system": "t"}', "keep one of them"),
        ('{"src": "a", "tgt": "b", "response": [["c"], ["d"]], "sort": [1, 0]}', "a choice between two answers"),
        ('{"src": ["a"], "tgt": []}', "empty list"),
        ('{"data": [{"src": "a", "tgt": "b"}]}', "an object that holds rows under data; keep only that list"),
        ('{"dialog": [{"src": "a", "tgt": "b"}]}', "expected src and tgt, found dialog"),
    ],
)  # fmt: skip
def test_what_would_be_read_wrongly_is_named(tmp_path, line, said):
    told = refused(tmp_path / "rows.json", '{"src": "ok", "tgt": "ok"}\n' + line)
    assert f"{tmp_path / 'rows.json'}:2: " in told and said in told


def test_turns_that_are_not_trained_and_the_system_message_of_paddleformers(tmp_path):
    path = tmp_path / "rows.json"
    some = {"src": ["你好", "碑林区1号在哪"], "tgt": ["您好", "陕西省西安市"], "label": [0, 1], "system": "你是助手"}
    first = {"src": ["你是助手", *some["src"]], "tgt": some["tgt"], "label": [0, 0, 1], "is_system": 1}
    also = first | {"tgt": ["", *some["tgt"]], "label": [0, 1]}
    path.write_text("\n".join(json.dumps(row) for row in (some, first, also)))
    rows = read_rows(path)
    assert rows[0] == rows[1] == rows[2] and rows[0].trained == (False, True)
    write_rows(tmp_path / "again.json", rows)
    assert read_rows(tmp_path / "again.json") == rows
    path.write_text('{"src": "a", "tgt": ["b"], "label": 3}\n{"src": ["c"], "tgt": "d", "label": [1], "context": "x"}')
    assert [(row.src, row.tgt, row.trained, row.meta) for row in read_rows(path)] == [
        (("a",), ("b",), (), {"label": 3}), (("c",), ("d",), (), {"context": "x"}),
    ]  # fmt: skip


def test_rows_of_other_toolkits_are_recognised(tmp_path):
    told = refused(tmp_path / "rows.json", '{"messages": [{"role": "user", "content": "a"}]}\n' * 30)
    assert "format messages" in told and "buqi data import" in told and told.count("\n") == 0
