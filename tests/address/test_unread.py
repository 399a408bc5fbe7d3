"""What is left of an address behind the names of its answer."""

from __future__ import annotations

import pytest

from buqi.address.unread import left_of, unread, with_between
from buqi.divisions import load_matcher


@pytest.mark.parametrize(
    ("text", "left", "between"),
    [
        ("西安市碑林区长乐路1号", "长乐路1号", "长乐路1号"),
        ("西安市 710000 碑林区长乐路1号", "长乐路1号", "710000 长乐路1号"),
        ("江苏省昆山市2-301花桥镇", "", "2-301"),
        ("武夷山风景区1号", "武夷山风景区1号", "武夷山风景区1号"),  # one name
        ("人民路5号（建瓯市农机站旁）", "人民路5号（建瓯市农机站旁）", "人民路5号（建瓯市农机站旁）"),  # in a bracket
    ],
)
def test_what_is_left(text, left, between):
    match = load_matcher().match(text)
    best = match.candidates[0]
    assert unread(match, best, best.path) == left
    assert left_of(match, best, best.path) == with_between(match, best, best.path, left) == between


def test_without_a_reading_all_is_left():
    match = load_matcher().match("西安市碑林区")
    assert unread(match, None, match.path) == "西安市碑林区"
