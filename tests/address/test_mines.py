"""Mines of a firm that is named after a city."""

from __future__ import annotations

import pytest

from buqi.address.completer import Completer
from buqi.address.completion import Completion
from buqi.address.mines import read_mine
from buqi.places.memory import empty_memory


@pytest.fixture(scope="module")
def completer() -> Completer:
    return Completer(empty_memory())


@pytest.mark.parametrize(
    ("text", "city"),
    [("大同煤矿集团塔山矿", "1402"), ("淮南矿务局潘一矿", "3404"), ("大同塔山矿", ""), ("昆山矿业集团一矿", "")],
)
def test_a_mine_is_in_its_firm_s_city(completer: Completer, text: str, city: str) -> None:
    found = read_mine(Completion.nothing(text), completer.matcher.table, completer.short)
    assert (found.code, found.detail) == (city, text)


def test_an_answer_stays(completer: Completer) -> None:
    answer = completer.complete("淮南矿业集团张集矿")
    assert answer.code and read_mine(answer, completer.matcher.table, completer.short) is answer
