"""``evaluate`` writes a page, figures and a table."""

from __future__ import annotations

import json

from tests.helpers import buqi


def test_evaluate_writes_all_three(tiny, tuned, tmp_path):
    which = ["--adapter", tuned / "out", "--model", tiny, "--max-new-tokens", 8]
    files = ["--report", tmp_path / "r.html", "--json-out", tmp_path / "r.json"]
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
    done = buqi("evaluate", "--benchmark", "--limit", 20, *which, "--json-out", tmp_path / "r.json", "--no_rows")
    assert "asked 3 of the rows" in " ".join(done.stdout.split())
    record = json.loads((tmp_path / "r.json").read_text())
    assert "answers" not in record and [c["rows"] for c in record["contestants"].values()] == [20, 3]
    of = record["contestants"]["auto"]["by_slice"]["county_first"]
    assert of["right"] + of["wrong"] + of["refused"] == 1
    assert of["intervals"]["right"][0] <= of["right"] <= of["intervals"]["right"][1]
    assert record["origin"]["command"].startswith("buqi evaluate --benchmark --compare auto,base --model ")
    assert "expected a file of rows, or --benchmark" in buqi("evaluate", code=2).stderr
