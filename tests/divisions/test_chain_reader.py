from __future__ import annotations

import pytest

from buqi.divisions import load_matcher
from buqi.divisions.text import read


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("陕西省西安市碑林区1号", ["陕西省", "西安市", "碑林区"]),
        ("收件人王小明安徽省太和县人民路", ["安徽省", "太和县"]),
        ("中国陕西碑林1号", ["陕西", "碑林"]),
        ("陵夏市城南街道崇文社区", ["陵夏市", "城南街道"]),
        ("安徽省的太和县的人民路", ["安徽省", "太和县"]),
    ],
)
def test_the_chain_that_reads_most(text, names):
    reading = read(text)
    state = load_matcher().chains.read(reading)
    assert state is not None
    assert [text[slice(*reading.span(start, end))] for start, end in state.spans] == names


def test_no_name_no_chain():
    assert load_matcher().chains.read(read("人民路12号")) is None


def test_a_filler_behind_the_last_name_is_no_part_of_the_rest():
    reading = read("安徽省的太和县的人民路")
    state = load_matcher().chains.read(reading)
    assert state is not None and reading.plain[state.at :] == "人民路"
