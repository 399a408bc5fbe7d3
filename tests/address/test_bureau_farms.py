"""Farms behind the bureau that runs them."""

from __future__ import annotations

import pytest

from buqi.address.bureau_farms import read_bureau_farm
from buqi.address.completer import Completer
from buqi.address.completion import Completion
from buqi.places.memory import empty_memory


@pytest.fixture(scope="module")
def completer() -> Completer:
    return Completer(empty_memory())


@pytest.mark.parametrize(
    ("text", "county"),
    [
        ("红兴隆管理局八五二农场", "宝清县"),
        ("黑龙江省农垦总局建三江管理局八五九农场", "饶河县"),
        ("牡丹江农垦分局八五四农场", "虎林市"),  # not in 牡丹江
        ("红兴隆管理局无名农场", ""),
        ("红兴隆管理局", ""),
        ("八五二农场", ""),  # no bureau
    ],
)
def test_a_farm_that_the_table_knows(completer: Completer, text: str, county: str) -> None:
    answer = Completion.nothing(text)
    found = read_bureau_farm(answer, completer.matcher)
    assert (found.path.name("county"), found.detail) == (county, text)
    assert county or found is answer


def test_a_county_that_was_read_stays(completer: Completer) -> None:
    text = "黑龙江省双鸭山市宝清县红兴隆管理局八五二农场"
    assert completer.complete(text).path.name("county") == "宝清县"
