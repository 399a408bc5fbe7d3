"""Every character that is read can be found in the input."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buqi.divisions.text import LONGEST_KEPT, PARTING, SEPARATORS, read


def test_reading_keeps_every_position():
    reading = read("臺灣　１２，a")
    assert reading.plain == "台湾12a"
    assert [reading.raw[reading.where(i)] for i in range(5)] == ["臺", "灣", "１", "２", "a"]
    assert read("乾县").plain == "乾县"  # a character of the table stays
    assert read("⻄安巿").plain == "西安市"  # a radical, and a character that only looks alike


@given(st.one_of(st.from_regex(SEPARATORS.pattern), st.text(st.characters(max_codepoint=0x3100))))
def test_every_separator_begins_with_one_of_the_characters_that_are_sought(text):
    assert SEPARATORS.search(text) is None or PARTING.search(text)


def test_the_last_short_readings_are_kept():
    assert read("西安市科技路1号") is read("西安市科技路1号")
    long = "西安市" * LONGEST_KEPT
    assert read(long) is not read(long) and read(long) == read(long)


@pytest.mark.parametrize(
    ("raw", "plain"),
    [("&#29572;武区", "玄武区"), ("&#x7384;武区", "玄武区"), ("玄武区&#12288;1号", "玄武区1号"), ("A&#10;B", "AB")],
)
def test_characters_written_as_numbers_of_html(raw, plain):
    assert read(raw).plain == plain


def test_the_position_of_such_a_character_is_that_of_its_number():
    assert read("&#29572;武区").span(0, 2) == (0, 9)
