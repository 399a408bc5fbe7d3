"""A short name and a place in it that the lists know."""

from __future__ import annotations

import pytest

from buqi.address.completer import Completer
from buqi.address.completion import Completion
from buqi.address.known_parts import KnownParts


@pytest.fixture(scope="module")
def parts() -> KnownParts:
    return KnownParts(Completer().short())


@pytest.mark.parametrize(
    ("text", "place", "detail"),
    [
        ("西安浐灞", "陕西省西安市", "浐灞"),
        ("蓟州盘山", "天津市蓟州区", "盘山"),
        ("增城永和", "广东省广州市", "永和"),  # a zone in another district
        ("北碚蔡家", "重庆市", "蔡家"),  # 蔡家岗街道 is in another district
    ],
)
def test_a_known_place_tells_that_its_city_is_meant(parts: KnownParts, text: str, place: str, detail: str) -> None:
    answer = parts.read(Completion.nothing(text))
    assert (answer.path.full, answer.detail) == (place, detail)


@pytest.mark.parametrize("text", ["长沙臭豆腐", "吐鲁番葡萄", "景德镇陶瓷", "四川人民", "北京时间", "武汉东风", "西安"])
def test_another_word_tells_nothing(parts: KnownParts, text: str) -> None:
    answer = Completion.nothing(text)
    assert parts.read(answer) is answer


def test_an_answer_is_left_as_it_is(parts: KnownParts) -> None:
    answer = Completer().complete("陕西省西安市曲江新区")
    assert parts.read(answer) is answer
