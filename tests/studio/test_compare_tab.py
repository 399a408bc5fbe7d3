"""Comparison, without a browser."""

from __future__ import annotations

import json

import pytest

from buqi.errors import BuqiError, UsageError
from buqi.studio import compare_tab
from tests.helpers import buqi


def record(**more: object) -> dict:
    def answer(src: str, base: str, tuned: str) -> dict:
        right = {"base": base == "gold", "tuned": tuned == "gold"}
        answers = {"base": base, "tuned": tuned}
        return {"src": src, "gold": "gold", "whole": True, "answers": answers, "exact": right, "right": right,
                "wrong": {name: not on for name, on in right.items()}, "failed": {}}  # fmt: skip

    answers = [answer("<i>a", "<b>x", "gold"), answer("b", "gold", "cold"), answer("c", "x", "y")]
    of = {"rows": 3, "exact_match": 1 / 3, "intervals": {"exact_match": [0.1, 0.7]}, "rows_per_second": 1.0}
    return {"rows": 3, "measure": "exact_match", "contestants": {"base": of, "tuned": of}, "pairs": [],
            "fixed": [0], "broken": [1], "answers": answers, "absent": {}} | more  # fmt: skip


def test_a_report_row_by_row(page):
    (page.studio.folder.reports / "p.json").write_text(json.dumps(record()))
    figures, rows = compare_tab._show(page, "p", "all", 1)
    assert "33.3% (10.0% – 70.0%)" in figures and "1 row fixed, 1 broken" in figures
    assert rows.count("<tr>") == 4 and "<mark>" in rows and "<i>a" not in rows and "<b>x" not in rows
    for kept, shown in (("fixed", "&lt;i&gt;a"), ("broken", ">b</td>"), ("wrong", ">c</td>")):
        rows = compare_tab._show(page, "p", kept, 1)[1]
        assert rows.count("<tr>") == 2 and shown in rows
    (page.studio.folder.reports / "a-vs-base-2.json").write_text(json.dumps(record(broken=[])))
    figures, rows = compare_tab._show(page, "a-vs-base-2", "broken", 1)
    assert "a is right" in figures and "<th>the base, untuned</th><th>a</th>" in figures, "as the lists call them"
    assert "no such rows" in rows and "<table" not in rows
    assert "page 1 of 1" in compare_tab._show(page, "p", "all", 99)[1]
    assert compare_tab._show(page, None, "all", 1) == ["", ""]


def test_comparisons_are_asked_for(run, tuned, tiny):
    compare_tab._compare(run, "", "r", "data", 2)
    (job,) = run.studio.queue.all()
    assert job.words[:2] == ("evaluate", str(run.studio.folder.data / "data" / "test.json"))
    assert job.words[job.words.index("--model") + 1] == str(tiny) and job.title == "r-vs-base"
    with pytest.raises(UsageError, match="two different"):
        compare_tab._compare(run, "r", "r", "data", 2)
    for second, data, said in ((None, "data", "train a model first"), ("r", None, "make a data set first")):
        with pytest.raises(UsageError, match=said):
            compare_tab._compare(run, "", second, data, 2)
    assert compare_tab._rows_of(run, "r") == "data", "the rows that it was trained on"
    assert compare_tab._rows_of(run, None) != ""
    buqi(*job.words)
    assert "<table" in compare_tab._show(run, "r-vs-base", "all", 1)[0]


def test_both_are_asked(run):
    shown = compare_tab._ask(run, "say 1", "", "r")
    assert "the base, untuned" in shown and ">r</td>" in shown
    with pytest.raises(UsageError, match="train a model first"):
        compare_tab._ask(run, "say 1", "", None)
    for text in ("", "x" * 501):
        with pytest.raises(UsageError, match="1 to 500"):
            compare_tab._ask(run, text, "", "r")


@pytest.mark.parametrize("report", ["{}", "[]", '{"contestants": []}', '{"contestants": {"base": 1}, "pairs": 2}'])
def test_a_broken_report_is_one_message(page, report):
    (page.studio.folder.reports / "r.json").write_text(report)
    with pytest.raises(BuqiError, match=r"r\.json"):
        compare_tab._show(page, "r", "all", 1)
