from __future__ import annotations

import numpy as np

from buqi.base import load_tokenizer
from buqi.rows import Row, check_sets
from buqi.rows.check import too_long
from buqi.task import ADDRESS, ROWS


def test_duplicates_conflicts_and_leaks_are_found():
    train = [Row(("a",), ("1",), where="t:1"), Row(("a",), ("1",), where="t:2"), Row(("a",), ("2",), where="t:3")]
    dev = [Row(("a",), ("1",), where="d:1"), Row(("b",), ("1",), where="d:2")]
    report = check_sets({"train": train, "dev": dev}, ROWS)
    assert report.duplicates == ["t:2: same as t:1"]
    assert report.conflicts == ["t:3: same src as t:1, another tgt"]
    assert len(report.leaks) == 1
    assert "d:1" in report.leaks[0]
    assert not report.clean


def test_a_place_under_another_number_leaks():
    one = Row((ADDRESS.prompt("碑林区友谊路1号"),), ("陕西省西安市碑林区友谊路1号",), where="t:1")
    two = Row((ADDRESS.prompt("碑林友谊路9号"),), ("陕西省西安市碑林区友谊路9号",), where="d:1")
    assert check_sets({"train": [one], "test": [two]}, ADDRESS).leaks


def test_rows_that_would_be_cut_are_named(tiny):
    tokenizer = load_tokenizer(tiny)
    rows = [Row(("short",), ("ok",), where="f:1"), Row(("x" * 80,), ("y" * 50,), where="f:2")]
    made = [ROWS.encode(tokenizer, row.src, row.tgt) for row in rows]
    lengths, answers = np.array([len(one.ids) for one in made]), np.array([one.last_answer for one in made])
    length = len(made[1].ids)
    assert too_long(rows, lengths, answers, length, length) == []
    long = too_long(rows, lengths, answers, length, length - 1)
    assert long == [f"f:2: {length} tokens, max_length is {length - 1}: its end would be cut"]
    long = too_long(rows, lengths, answers, length - 52, length)
    assert long == [f"f:2: {length - 51} tokens before the answer, src_length is {length - 52}"]
