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
