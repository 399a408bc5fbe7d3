"""The readers that look at an answer again."""

from __future__ import annotations

import pytest

from buqi.address.completer import Completer
from buqi.address.reading_again import readers
from buqi.places.memory import empty_memory


@pytest.fixture(scope="module")
def plain() -> Completer:
    return Completer(empty_memory())


@pytest.mark.parametrize("text", ["陕西省西安市碑林区长乐路1号", "扶风法门镇法门寺", "人民路5号", ""])
def test_most_answers_are_left_as_they_are(plain, text):
    answer = plain.complete(text)
    for reader in readers(plain.matcher, plain.short, plain.complete):
        assert reader(answer) is answer


def test_each_reader_answers_in_its_turn(plain):
    assert len(plain.readers) == len(readers(plain.matcher, plain.short, plain.complete)) > 10
    assert plain.complete("浙江 义鸟 佛堂").town == "佛堂镇"
    assert plain.complete("老板发到义乌廿三里,电话还是原来那个").town == "廿三里街道"
