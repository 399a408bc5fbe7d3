"""``evaluate`` writes a page, figures and a table."""

from __future__ import annotations

import errno
import json
import os

import pytest

from tests.helpers import buqi


def test_evaluate_writes_all_three(tiny, tuned, tmp_path):
    which = ["--adapter", tuned / "out", "--model", tiny, "--max-new-tokens", 8]
    files = ["--report", tmp_path / "r.html", "--json_out", tmp_path / "r.json"]
    done = buqi("evaluate", tuned / "data" / "dev.json", *which, *files, "--json")
    record = json.loads(done.stdout)
    assert record == json.loads((tmp_path / "r.json").read_text())
    assert set(record["contestants"]) == {"base", "tuned"}
    assert (tmp_path / "r.html").read_text().startswith("<!doctype html>")


def test_tuned_needs_an_adapter_of_the_base(tiny, tmp_path):
    rows = tmp_path / "rows.jsonl"
    texts = {"鼓楼区中山北路8号": "江苏省", "碑林区友谊西路127号": "陕西省"}
    rows.write_text("".join(json.dumps({"input": t, "province": p}) + "\n" for t, p in texts.items()))
    done = buqi("evaluate", rows, "--compare", "auto", "--json")
    assert json.loads(done.stdout)["contestants"]["auto"]["province"] >= 0.5
    assert "none ships" in buqi("evaluate", rows, "--compare", "auto,tuned", "--model", tiny, code=2).stderr


def test_rows_of_another_task_are_not_asked_for_addresses(tiny, tuned):
    which = ["--compare", "base", "--model", tiny, "--max-new-tokens", 2, "--json"]
    record = json.loads(buqi("evaluate", tuned / "data" / "dev.json", *which).stdout)
    assert record["task"] == "rows"
    assert record["answers"][0]["src"] == "say 100"


def test_the_open_benchmark_is_asked_without_a_memory(tiny, tmp_path, monkeypatch):
    monkeypatch.setenv("BUQI_PLACES", str(tmp_path / "broken"))  # nobody may read it
    (tmp_path / "broken" / "mine").mkdir(parents=True)
    (tmp_path / "broken" / "mine" / "names.parquet").write_text("no table")
    which = ["--compare", "auto,base", "--model", tiny, "--max-new-tokens", 2, "--model_rows", 3]
    done = buqi("evaluate", "--benchmark", "--limit", 20, *which, "--json_out", tmp_path / "r.json", "--no_rows")
    assert "asked 3 of the rows" in " ".join(done.stdout.split())
    record = json.loads((tmp_path / "r.json").read_text())
    assert "answers" not in record and [c["rows"] for c in record["contestants"].values()] == [20, 3]
    of = record["contestants"]["auto"]["by_slice"]["county_first"]
    assert of["right"] + of["wrong"] + of["refused"] == 1
    assert of["intervals"]["right"][0] <= of["right"] <= of["intervals"]["right"][1]
    assert record["origin"]["command"].startswith("buqi evaluate --benchmark --compare auto,base --model ")
    assert "expected a file of rows, or --benchmark" in buqi("evaluate", code=2).stderr


@pytest.mark.parametrize("option", ["--report", "--json_out"])
def test_files_that_cannot_be_written_or_are_read_are_refused_before_any_work(tmp_path, option):
    rows, answers = tmp_path / "rows.jsonl", tmp_path / "answers.txt"
    rows.write_text('{"input": "碑林区1号", "province": "陕西省"}\n', encoding="utf-8")
    answers.write_text("陕西省\n", encoding="utf-8")
    (tmp_path / "link").symlink_to(rows)
    asked = ["evaluate", rows, "--compare", f"match,{answers}"]
    for target, said in (
        (rows, "is read for the comparison"), (tmp_path / "link", "is read for the comparison"),
        (answers, "is read for the comparison"), (tmp_path, "is a folder"), (rows / "x", "nothing can be written"),
    ):  # fmt: skip
        assert said in " ".join(buqi(*asked, option, target, code=2).stderr.split())
    assert "one file cannot hold both" in buqi(*asked, *("--report", "x", "--json_out", "x"), code=2).stderr
    assert rows.read_text(encoding="utf-8").startswith('{"input"') and answers.read_text(encoding="utf-8") == "陕西省\n"


@pytest.mark.parametrize(
    "text", ["", "[" * 100_000, "9" * 5000, "[]", '{"contestants": 5}', '{"contestants": {"match": 5}}',
             '{"contestants": {"match": {"province": "x"}}}', '{"contestants": {"match": {"province": [1]}}}']
)  # fmt: skip
def test_an_older_report_that_is_none_is_one_sentence(tmp_path, text):
    rows, old = tmp_path / "rows.jsonl", tmp_path / "old.json"
    rows.write_text('{"input": "碑林区1号", "province": "陕西省"}\n', encoding="utf-8")
    old.write_text(text)
    said = buqi("evaluate", rows, "--compare", "match", "--against", old, code=2).stderr
    assert "not a report that --json_out wrote" in " ".join(said.split())


def test_a_report_of_other_rows_is_noted(tmp_path):
    rows, old = tmp_path / "rows.jsonl", tmp_path / "old.json"
    row = '{"input": "碑林区1号", "province": "陕西省"}\n'
    rows.write_text(row, encoding="utf-8")
    said = buqi("evaluate", rows, "--compare", "match", "--json_out", old).stderr
    again = buqi("evaluate", rows, "--compare", "match", "--against", old).stderr
    assert "other rows" not in said and "other rows" not in again
    rows.write_text(row + row.replace("1", "2"), encoding="utf-8")
    said = buqi("evaluate", rows, "--compare", "match", "--against", old).stderr
    assert "asked other rows; what changed may be the rows" in " ".join(said.split())


def test_answers_are_kept_until_the_report_is_written(tmp_path, cache, monkeypatch):
    rows = tmp_path / "rows.jsonl"
    rows.write_text('{"input": "碑林区1号", "province": "陕西省"}\n', encoding="utf-8")
    words = ["evaluate", rows, "--compare", "match", "--json-out", tmp_path / "r.json"]

    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr("buqi.files.json_bytes", full)
        assert "r.json: disk full" in buqi(*words, code=1).stderr
    assert len(list((cache / "evaluate").glob("*/*.jsonl"))) == 1
    buqi(*words)
    assert list((cache / "evaluate").iterdir()) == [] and (tmp_path / "r.json").is_file()
