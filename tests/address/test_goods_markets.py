"""Markets of a kind of goods that are named after a county."""

from __future__ import annotations

import pytest

from buqi.address.completer import Completer
from buqi.address.completion import Completion
from buqi.address.goods_markets import read_goods_market
from buqi.places.memory import empty_memory


@pytest.fixture(scope="module")
def completer() -> Completer:
    return Completer(empty_memory())


@pytest.mark.parametrize(
    ("text", "code", "detail"),
    [
        ("丹阳眼镜城", "321181", "眼镜城"),
        ("常熟国际服装城", "320581", "国际服装城"),
        ("新民服装城", "", ""),  # very many places are called so
        ("莲花眼镜城", "", ""),  # no county-level city
        ("江苏丹阳眼镜城", "", ""),  # two names, which other rules read
        ("昆山中心", "", ""),
    ],
)
def test_a_market_is_in_the_county_of_its_name(completer: Completer, text: str, code: str, detail: str) -> None:
    answer = Completion.nothing(text)
    found = read_goods_market(answer, completer.matcher, completer.short)
    assert found.code == code
    assert (found.detail, found.confidence) == (detail, 0.89) if code else found is answer


def test_a_county_that_was_read_stays(completer: Completer) -> None:
    answer = completer.complete("永康五金城")
    assert answer.code == "330784" and read_goods_market(answer, completer.matcher, completer.short) is answer
