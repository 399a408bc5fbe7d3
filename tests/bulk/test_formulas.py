"""Cells that a spreadsheet would run get a quote; numbers and everything else stay."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buqi.answering import AnswerOptions
from buqi.bulk import Job, run_job
from buqi.bulk.formulas import harmless

FORMULAS = [
    "=1+1",
    "@x",
    "+A1",
    "-A1",
    "-1+1",
    "+86-138",
    "\n=cmd|calc",
    "\t=1",
    "\tx",
    "\r\n-cmd",
    " =1",
    "\u3000=1",
    "\xa0+x",
]
FORMULAS += [
    "＝1",
    "＋cmd",
    "－cmd",
    "＠SUM(1)",
    "﹦1",
    "\ufeff=1",
    "\u200b@x",
    "=",
    "-12.5.1",
    "+1e5x",
    "- 5",
    "1"[:0] + "-=1",
]
PLAIN = [
    "-12.5",
    "+8613812345678",
    "-1",
    "+.5",
    "-1e-9",
    "1=1",
    "x=",
    "a-b",
    "５号",
    "－１２",
    "-",
    "--",
    "12%",
    "-5%",
    "",
    "碑林区",
    "#1",
]


@pytest.mark.parametrize("cell", FORMULAS)
def test_formulas_get_a_quote(cell):
    assert harmless(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", [*PLAIN, 5, -12.5, None])
def test_what_is_none_stays(cell):
    assert harmless(cell) == cell


@given(st.floats(allow_nan=False, allow_infinity=False) | st.integers())
def test_every_number_stays(number):
    assert harmless(str(number)) == str(number) and harmless(f"{number:+}") == f"{number:+}"


@given(
    st.text(st.sampled_from(" \t\r\n\u3000\ufeff\u200b\x0b"), max_size=5), st.sampled_from("=+-@＝＋－＠"), st.text()
)
def test_nothing_before_a_sign_hides_it(before, sign, rest):
    cell = f"{before}{sign}a{rest}"
    assert harmless(cell) == f"'{cell}"


@pytest.mark.parametrize("safe", [False, True])
def test_the_command_line_guards_what_it_adds_and_the_rest_where_asked(tmp_path, safe, cache):
    (tmp_path / "in.csv").write_text("地址,=head\n=1+1,-12.5\n碑林区1号,+cmd\n", encoding="utf-8")
    run_job(Job(tmp_path / "in.csv", tmp_path / "out.csv", "地址", options=AnswerOptions("match"), safe=safe))
    head, first, second = (tmp_path / "out.csv").read_text(encoding="utf-8").splitlines()
    assert head.startswith("地址,'=head" if safe else "地址,=head")
    assert first.startswith("'=1+1,-12.5" if safe else "=1+1,-12.5") and ",'=1+1" in first[5:], "what is added always"
    assert second.startswith("碑林区1号,'+cmd" if safe else "碑林区1号,+cmd")
