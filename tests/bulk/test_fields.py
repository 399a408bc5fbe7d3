"""The added columns: their values, their names, and cells that are not asked."""

from __future__ import annotations

import datetime as dt

import pytest

from buqi.address import Completion
from buqi.answering import AnswerOptions, WrittenText, open_answerer
from buqi.bulk.fields import (
    ADDED,
    WRITTEN,
    added_columns,
    encodable,
    fields_of,
    names_beside,
    refused,
    text_of,
    with_refused,
)
from buqi.task import ADDRESS, ROWS


def test_a_completion_becomes_columns():
    (found,) = open_answerer(AnswerOptions("match")).answer(["扶风法门镇法门寺"])
    assert isinstance(found, Completion)
    row = dict(zip(ADDED, fields_of(found, 128), strict=True))
    assert (row["county"], row["town"], row["full"]) == ("扶风县", "法门镇", "陕西省宝鸡市扶风县法门镇法门寺")
    assert row["code"] == max(found.as_json()["codes"].values(), key=len) and row["confidence"] is None
    two = Completion("x", "x", alternatives=({"full": "a", "confidence": 0.25}, {"full": "b", "confidence": None}))
    assert dict(zip(ADDED, fields_of(two, 128), strict=True))["alternatives"] == "a 25 %; b"


def test_a_written_text_becomes_columns():
    assert fields_of(WrittenText("a", "b", True), 5) == ["b", "answered", ""]
    assert fields_of(WrittenText("a", "b", False), 5) == ["b", "cut_off", "more than 5 tokens (--max_new_tokens)"]
    assert added_columns(ADDRESS) == ADDED and added_columns(ROWS) == WRITTEN


@pytest.mark.parametrize(
    ("cell", "text", "problem"),
    [
        ("碑林区", "碑林区", ""),
        (None, "", "empty cell"),
        (" ", " ", "empty cell"),
        (3.5, "3.5", "a number, no address"),
        (dt.date(2024, 1, 2), "2024-01-02", "a date, no address"),
        (b"x", "b'x'", "bytes, no text"),
        ("a\udc80", "a\udc80", "not in the file's encoding"),
        ("字" * 501, "字" * 40 + "…", "501 characters, longer than any address"),
    ],
)
def test_what_a_cell_means(cell, text, problem):
    assert text_of(cell) == (text, problem)


def test_cells_that_are_not_asked_keep_their_place():
    asked = [("a", ""), ("7", "a number, no address"), ("b", "")]
    assert with_refused(asked, [["A"], ["B"]], ("answer",)) == [["A"], [""], ["B"]]
    row = dict(zip(ADDED, refused("7", "a number, no address"), strict=True))
    assert (row["full"], row["status"], row["notes"], row["confidence"]) == (
        "7",
        "unknown",
        "a number, no address",
        None,
    )


def test_names_beside_those_of_the_file():
    assert names_beside(["full", "buqi_full", "x"], ("full", "code")) == ["buqi_buqi_full", "code"]


def test_lone_surrogates_do_not_leave_their_cell():
    assert encodable("西安\ud83d") == "西安?" and encodable("西安") == "西安" and encodable("abc") == "abc"
    assert encodable(3) == 3 and encodable(None) is None
