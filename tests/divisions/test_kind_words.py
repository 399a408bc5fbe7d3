"""A word that begins with the kind of the name before it stays whole."""

from __future__ import annotations

import pytest

from buqi.address.completion import Completion
from buqi.divisions import load_matcher
from buqi.divisions.kind_words import begins_in_kind


@pytest.mark.parametrize(
    ("name", "behind", "begins"),
    [
        ("海宁市", "民中心", True),
        ("丹阳市", "府路", True),
        ("义乌市", "委党校", True),
        ("昆山市", "政协", True),
        ("余姚市", "立医院", True),
        ("瑞安市", "区万松东路", True),
        ("凤阳县", "委", True),
        ("永嘉县", "城", True),
        ("余杭区", "府路", True),
        ("昆山市", "政府", False),
        ("临海市", "民政局", False),
        ("丹阳市", "民主路", False),
        ("昆山市", "府前路", False),
        ("义乌市", "政和路", False),
        ("广州市", "区庄立交", False),
        ("永嘉县", "城北路", False),
        ("昆山市", "委托", False),
        ("余杭区", "民中心", False),
    ],
)
def test_words_that_begin_in_a_kind(name: str, behind: str, begins: bool) -> None:
    assert begins_in_kind(name + behind, len(name)) is begins


@pytest.mark.parametrize(
    ("text", "path", "detail"),
    [
        ("海宁市民中心", "浙江省嘉兴市海宁市", "市民中心"),
        ("老街88号，义乌市委党校旁", "浙江省金华市义乌市", "老街88号，市委党校旁"),
        ("海宁市，民中心", "浙江省嘉兴市海宁市", "民中心"),
        ("乐山市中区", "四川省乐山市市中区", ""),
        ("枣庄市市中区委", "山东省枣庄市市中区", "区委"),
    ],
)
def test_the_detail_begins_with_the_whole_word(text: str, path: str, detail: str) -> None:
    answer = Completion.from_match(load_matcher().match(text))
    assert (answer.path.full, answer.detail) == (path, detail)


def test_what_stands_before_the_name_is_read_as_before_any() -> None:
    match = load_matcher().match("请问海宁市民中心")
    assert (match.lead, match.detail) == ("请问", "市民中心")
