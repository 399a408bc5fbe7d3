"""Rows to look at: alike once, by the user's own numbers and keys."""

from __future__ import annotations

import csv
from pathlib import Path

from buqi.bulk import Job, review, run_job
from buqi.bulk.review import ReviewRow, write_review
from tests.bulk.conftest import MATCH, read


def written(path: Path, rows: list[ReviewRow], key: str | None = None) -> list[list[str]]:
    write_review(path, rows, key)
    return list(csv.reader(path.open(encoding="utf-8-sig", newline="")))


def row(number: int, text: str, certainty: float = 0.0, key: str = "") -> ReviewRow:
    return ReviewRow(certainty, number, key, text, text, certainty or None, "ambiguous", "")


def test_rows_that_are_alike_stand_once(tmp_path):
    rows = [row(n, "甲" if n % 2 else "乙", 0.5 if n % 2 else 0.0, f"k{n}") for n in range(2, 60)]
    found = written(tmp_path / "a.csv", rows)
    assert found[0] == ["row", "input", "full", "confidence", "status", "alternatives", "times", "other_rows"]
    others = "; ".join(str(n) for n in range(4, 44, 2))
    assert found[1] == ["2", "乙", "乙", "", "ambiguous", "", "29", f"{others}; 8 more"]
    assert found[2][:2] == ["3", "甲"] and len(found) == 3
    found = written(tmp_path / "b.csv", rows, "编号")
    assert found[0][:2] == ["row", "编号"] and found[1][:2] == ["2", "k2"] and found[1][-1].startswith("k4; k6; ")


def test_rows_without_an_answer_are_first_and_in_order_too(tmp_path):
    refused = [ReviewRow(0.0, n, "", f"t{n}", "", c, "ambiguous", "") for n, c in enumerate((0.48, 0.17, None, 0.45))]
    found = written(tmp_path / "a.csv", [row(9, "t9", 0.1), *refused])
    assert [r[1] for r in found[1:]] == ["t2", "t1", "t3", "t0", "t9"]


def test_the_least_sure_are_kept_when_there_are_too_many(tmp_path, monkeypatch):
    monkeypatch.setattr(review, "REVIEW_ROWS", 10)
    rows = [row(n, f"t{n % 300}", (n % 300) / 1000) for n in range(900)]
    found = written(tmp_path / "a.csv", rows)
    assert [r[1] for r in found[1:]] == [f"t{n}" for n in range(10)] and {r[-2] for r in found[1:]} == {"3"}


def test_numbers_are_those_of_the_users_sheet(tmp_path):
    text = '\nid,地址\nA7,碑林区1号\n\nA8,"鼓楼\n区1号"\nA9,鼓楼区1号\nA10,鼓楼区1号\n'
    (tmp_path / "in.csv").write_text(text, encoding="utf-8")
    run_job(Job(tmp_path / "in.csv", tmp_path / "out.csv", options=MATCH, key="id", piece=2))
    rows = [
        (r["row"], r["id"], r["times"], r["other_rows"]) for r in read(tmp_path / "out.csv.review.csv", "utf-8-sig")
    ]
    assert ("6", "A9", "2", "A10") in rows and ("5", "A8", "1", "") in rows
