"""Answers from files and from the table."""

from __future__ import annotations

import pytest

from buqi.answering import AnswerOptions
from buqi.errors import UsageError
from buqi.evaluate.compare import compare_rows
from buqi.evaluate.contestants import AddressContestant, FileContestant
from buqi.task import ADDRESS
from tests.evaluate.conftest import rows


def test_answers_from_files(tmp_path):
    path = tmp_path / "other.tsv"
    path.write_text("input\tanswer\n碑林区1号\t陕西省西安市碑林区1号\n", encoding="utf-8")
    found = compare_rows(ADDRESS, rows("碑林区1号", "没有"), [FileContestant(path)])
    assert found.entries[0].seconds == 0, "reading a file says nothing of speed"
    assert found.entries[0].right == [True, False] and found.entries[0].answers[1].failed == "not in other.tsv"
    lines = tmp_path / "lines.txt"
    lines.write_text("陕西省西安市碑林区\n", encoding="utf-8")
    assert compare_rows(ADDRESS, rows("a", "b"), [FileContestant(lines)]).entries[0].right == [True, False]
    path.write_text("q\ta\n1\t2\n")
    with pytest.raises(UsageError, match="expected columns input and answer"):
        FileContestant(path)
    path.write_text("input\tanswer\tconfidence\n1\t2\toften\n")
    with pytest.raises(UsageError, match="confidence 'often' of '1' is no number"):
        FileContestant(path)


def test_lines_of_a_file_meet_the_rows_after_an_interruption(tmp_path):
    path = tmp_path / "lines.txt"
    path.write_text("".join(f"{n}\n" for n in range(2500)), encoding="utf-8")
    asked, kept = rows(*map(str, range(2500))), tmp_path / "kept"

    told: list[int] = []

    def stopped(name: str, count: int, of: int) -> None:
        told.append(count)
        if sum(told) > 1000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        compare_rows(ADDRESS, asked, [FileContestant(path)], stopped, kept)
    (entry,) = compare_rows(ADDRESS, asked, [FileContestant(path)], kept=kept).entries
    assert [answer.text for answer in entry.answers] == [str(n) for n in range(2500)]


def test_the_chain_gives_confidence():
    found = compare_rows(ADDRESS, rows("碑林区1号", "西安碑林友谊路"), [AddressContestant(AnswerOptions())])
    figures = found.as_json()["contestants"]["auto"]
    assert figures["province_city_county"] == 1.0 and figures["calibration"] and figures["coverage"]
