"""A county's whole name behind a new area of its city."""

from __future__ import annotations

import pytest

from buqi.address.completer import Completer
from buqi.places.memory import empty_memory


@pytest.fixture(scope="module")
def plain() -> Completer:
    return Completer(empty_memory())


@pytest.mark.parametrize(
    ("text", "place", "detail"),
    [
        ("江北新区浦口区", "江苏省南京市浦口区", "江北新区"),
        ("天府新区双流区华阳街道", "四川省成都市双流区华阳街道", "天府新区"),
        ("湘江新区岳麓区梅溪湖路1号", "湖南省长沙市岳麓区", "湘江新区梅溪湖路1号"),
        ("南京江北新区浦口区", "江苏省南京市浦口区", "南京江北新区"),
        ("江北新区浦滨路1号", "江苏省南京市", "江北新区浦滨路1号"),  # no county is named
    ],
)
def test_the_county_is_read(plain, text, place, detail):
    answer = plain.complete(text)
    assert (answer.path.full, answer.detail) == (place, detail)
