"""Every error that a user can cause ends in one message that says what, where and what to do."""

from __future__ import annotations

import json
import sys

import pytest

from buqi.errors import UsageError
from buqi.fitting import doors, fit, samples
from buqi.fitting.command import read_rows, read_table, run

TO = ["--memory", "m", "--out", "o"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no rows"),
        ("{", "line 1: no JSON"),
        ('{"input": "x"}\n[1]', "line 2: expected an object with input"),
        ('{"output": "x"}', "line 1: expected an object with input"),
    ],
)
def test_rows_that_are_none(tmp_path, text, message):
    (tmp_path / "rows.jsonl").write_text(text, "utf-8")
    with pytest.raises(UsageError, match=message):
        read_rows(tmp_path / "rows.jsonl", ("input",))


def test_only_line_ends_divide_rows(tmp_path):
    (tmp_path / "rows.jsonl").write_text('{"input": "a\u2028b\x85c"}\r\n\n{"input": "d"}\n', "utf-8")
    assert [row["input"] for row in read_rows(tmp_path / "rows.jsonl", ("input",))] == ["a\u2028b\x85c", "d"]


def test_a_table_without_the_column(tmp_path):
    (tmp_path / "a.tsv").write_text('city\trest\n长春市\t"硅谷大街\n', "utf-8")
    assert read_table(tmp_path / "a.tsv", ("rest",)).rows() == [('"硅谷大街',)]
    with pytest.raises(UsageError, match="no column county; it has city, rest"):
        read_table(tmp_path / "a.tsv", ("city", "county"))
    (tmp_path / "empty.tsv").write_text("", "utf-8")
    with pytest.raises(UsageError, match="no table"):
        read_table(tmp_path / "empty.tsv", ("city",))


@pytest.mark.parametrize(
    ("main", "arguments", "code", "message"),
    [
        (fit.main, ["none.jsonl", *TO, "--only", "road"], 2, "--only road: expected one of bare, zone_first"),
        (fit.main, ["none.jsonl", *TO], 1, "none.jsonl: No such file"),
        (fit.main, ["rows.jsonl", *TO], 2, "m: no such folder"),
        (samples.main, ["none.tsv", "--out", "o"], 1, "none.tsv"),
        (doors.main, ["words.csv", "--out", "o"], 2, "words.csv: no address names a county"),
    ],
)
def test_how_commands_end(tmp_path, monkeypatch, capsys, main, arguments, code, message):
    row = dict.fromkeys(fit.FIELDS, "x")
    (tmp_path / "rows.jsonl").write_text(json.dumps(row), "utf-8")
    (tmp_path / "words.csv").write_text("address\nnowhere\n", "utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["command", *arguments])
    with pytest.raises(SystemExit) as ended:
        run(main)
    assert ended.value.code == code and message in capsys.readouterr().err
