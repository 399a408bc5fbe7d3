"""Comparison, model and addresses, without a browser."""

from __future__ import annotations

import json

import pytest

from buqi.errors import UsageError
from buqi.owner import host_hash
from buqi.studio import addresses_tab, compare_tab, model_tab
from tests.conftest import pairs, write_jsonl
from tests.helpers import ADDRESSES, buqi


@pytest.fixture
def run(page, tuned):
    """A page with a run and its rows."""
    (page.studio.folder.runs / "r").symlink_to(tuned / "out")
    write_jsonl(page.studio.folder.data / "data" / "train.json", pairs(5))
    write_jsonl(page.studio.folder.data / "data" / "test.json", pairs(3, start=200))
    return page


def record(**more: object) -> dict:
    def answer(src: str, base: str, tuned: str) -> dict:
        right = {"base": base == "gold", "tuned": tuned == "gold"}
        answers = {"base": base, "tuned": tuned}
        return {"src": src, "gold": "gold", "answers": answers, "exact": right, "right": right,
                "wrong": {name: not on for name, on in right.items()}, "failed": {}}  # fmt: skip

    answers = [answer("<i>a", "<b>x", "gold"), answer("b", "gold", "cold"), answer("c", "x", "y")]
    of = {"rows": 3, "exact_match": 1 / 3, "intervals": {"exact_match": [0.1, 0.7]}, "rows_per_second": 1.0}
    return {"rows": 3, "contestants": {"base": of, "tuned": of}, "pairs": [], "fixed": [0], "broken": [1],
            "answers": answers, "absent": {}} | more  # fmt: skip


def test_a_report_row_by_row(page):
    (page.studio.folder.reports / "p.json").write_text(json.dumps(record()))
    figures, rows = compare_tab._show(page, "p", "all", 1)
    assert "33.3% (10.0% – 70.0%)" in figures and "1 rows fixed, 1 broken" in figures
    assert rows.count("<tr>") == 4 and "<mark>" in rows and "<i>a" not in rows and "<b>x" not in rows
    for kept, shown in (("fixed", "&lt;i&gt;a"), ("broken", "<td>b</td>"), ("wrong", "<td>c</td>")):
        rows = compare_tab._show(page, "p", kept, 1)[1]
        assert rows.count("<tr>") == 2 and shown in rows
    assert "page 1 of 1" in compare_tab._show(page, "p", "all", 99)[1]
    assert compare_tab._show(page, None, "all", 1) == ["", ""]


def test_comparisons_are_asked_for(run, tuned, tiny):
    compare_tab._compare(run, "", "r", "data", 2)
    (job,) = run.studio.queue.all()
    assert job.words[:2] == ("evaluate", str(run.studio.folder.data / "data" / "test.json"))
    assert job.words[job.words.index("--model") + 1] == str(tiny) and job.title == "r-vs-base"
    with pytest.raises(UsageError, match="two different"):
        compare_tab._compare(run, "r", "r", "data", 2)
    with pytest.raises(UsageError, match="train a model first"):
        compare_tab._compare(run, "", None, "data", 2)
    buqi(*job.words)
    assert "<table" in compare_tab._show(run, "r-vs-base", "all", 1)[0]


def test_both_are_asked(run):
    shown = compare_tab._ask(run, "say 1", "", "r")
    assert "the base, untuned" in shown and "<td>r</td>" in shown
    for text in ("", "x" * 501):
        with pytest.raises(UsageError, match="1 to 500"):
            compare_tab._ask(run, text, "", "r")


def test_merge_comes_before_the_file(run):
    model_tab._quantize(run, "r", 8)
    model_tab._quantize(run, "r", 4)
    jobs = run.studio.queue.all()[::-1]
    assert [job.kind for job in jobs] == ["merge", "quantize", "quantize"]
    assert model_tab._shell(run, "r", 8).count("buqi ") == 3
    for job in jobs[:2]:
        buqi(*job.words)
    shown = model_tab._made(run)
    assert "r-8bit.gguf" in shown and "100.0% of the choices are equal" in shown and "of their tokens stay" in shown
    with pytest.raises(UsageError, match="merged already"):
        model_tab._merge(run, "r")
    with pytest.raises(UsageError, match="is there already"):
        model_tab._quantize(run, "r", 8)


def test_who_answers_is_kept(run):
    assert model_tab._answering(run)[0][1] == ""
    model_tab._switch(run, "r")
    assert run.studio.answers_with() == "r" == model_tab._answering(run)[0][1]
    assert "r</p>" in model_tab._ask(run, "say 1")


def test_one_address_and_the_memory(page, tmp_path):
    shown = addresses_tab._complete(page, "扶风法门镇法门寺")
    assert "陕西省宝鸡市扶风县法门镇法门寺" in shown and "610324" in shown
    assert "cannot tell" in addresses_tab._complete(page, "鼓楼区<b>") and "<b>" not in shown
    with pytest.raises(UsageError, match="1 to 500"):
        addresses_tab._complete(page, " ")
    (tmp_path / "mine.csv").write_text("地址\n" + "\n".join(ADDRESSES), encoding="utf-8")
    addresses_tab._learn(page, str(tmp_path / "mine.csv"))
    addresses_tab._complete_file(page, str(tmp_path / "mine.csv"), "")
    for job in page.studio.queue.all():
        buqi(*job.words)
        (page.studio.queue.folder / job.id / "process.txt").write_text(f"999999999-0-{host_hash()}")
    assert "mine.csv · done" in page.work("learn") and "mine" in addresses_tab._sources(page)
    (job,) = [job for job in page.studio.queue.all() if job.kind == "complete"]
    assert "/files/address/mine-2/mine.completed.csv" in addresses_tab._links(page, job)
    addresses_tab._forget(page, "mine")
    assert "nothing is learnt yet" in addresses_tab._sources(page) and page.work("learn") == ""
