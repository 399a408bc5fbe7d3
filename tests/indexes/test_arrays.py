"""Texts come back from arrays as they went in."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from buqi.indexes import NumberLists, TextRows, numbered, packed, unpacked
from buqi.indexes.arrays import packed_lists, text_lists

LINES = st.lists(st.text(st.characters(exclude_characters="\n", exclude_categories=["Cs"])), min_size=1)
WORDS = st.lists(st.text("东西12,|", min_size=1), min_size=1)


@given(LINES)
def test_texts_and_columns(texts):
    assert unpacked(packed(texts)) == texts
    different, rows = numbered(texts)
    assert [unpacked(different)[row] for row in rows] == texts


@given(LINES)
def test_rows_are_the_texts(texts):
    rows = TextRows(*TextRows.arrays(texts))
    assert [rows[at] for at in range(len(rows))] == texts


def test_no_rows():
    rows = TextRows(*TextRows.arrays(()))
    assert len(rows) == 0


@given(st.dictionaries(st.text("路街口", min_size=1), WORDS, min_size=1))
def test_lists_by_a_text(found):
    read = text_lists(packed_lists("roads", found), "roads")
    assert dict(read) == found and list(read) == list(found) and len(read) == len(found)
    assert read.get("没有") is None and read.get("没有", ()) == () and "没有" not in read


def test_lists_of_numbers():
    assert NumberLists(text_lists(packed_lists("n", {"磁灶": ["12", "7"]}), "n"))["磁灶"] == [12, 7]


@given(st.lists(st.text(max_size=4), max_size=6), st.integers(0, 6), st.integers(0, 6))
def test_some_rows_in_a_row(texts, start, length):
    start, end = min(start, len(texts)), min(start + length, len(texts))
    assert TextRows(*TextRows.arrays(texts)).encoded(start, end) == "".join(texts[start:end]).encode()
