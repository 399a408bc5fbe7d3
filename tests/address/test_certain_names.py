"""Texts that begin with certain names."""

from __future__ import annotations

import pytest

from buqi.address.certain_names import certain_answer
from buqi.address.completer import Completer
from buqi.divisions import load_matcher
from buqi.places.memory import empty_memory


@pytest.fixture(scope="module")
def plain() -> Completer:
    return Completer(empty_memory())


@pytest.mark.parametrize(
    ("text", "town"),
    [
        ("义乌廿三里", "廿三里街道"),  # two names
        ("昆山市花桥", "花桥镇"),  # one in full
        ("昆山市人民路", ""),
        ("法门镇法门寺", "法门镇"),  # a town's
    ],
)
def test_certain_names(plain, text, town):
    answer = certain_answer(text, load_matcher(), plain.complete)
    assert answer is not None and answer.town == town


@pytest.mark.parametrize("text", ["", "昆", "昆山人民路", "人民路5号", "他住在义乌廿三里", "鼓楼区", "吃火锅"])
def test_names_that_are_not_certain(plain, text):
    assert certain_answer(text, load_matcher(), plain.complete) is None
