"""A city, and a person with a telephone."""

from __future__ import annotations

import pytest

from buqi.address.city_and_person import CityAndPerson
from buqi.address.completer import Completer
from buqi.address.completion import Completion
from buqi.places.memory import empty_memory


@pytest.fixture(scope="module")
def completer() -> Completer:
    return Completer(empty_memory())


@pytest.mark.parametrize(
    ("text", "code", "detail"),
    [
        ("沈阳 张阿姨13998765421 二楼", "2101", "张阿姨13998765421 二楼"),
        ("杭州 李先生 13812345678", "3301", "李先生 13812345678"),
        ("昆明,赵先生,13998765421", "5301", "赵先生,13998765421"),
        ("北京 王女士 13912345678", "11", "王女士 13912345678"),
        ("朝阳 李先生 13812345678", "", ""),  # a city and a district
        ("海南 李先生 13812345678", "", ""),  # a province and a prefecture
        ("高兴 李先生 13812345678", "", ""),
        ("沈阳 13998765421", "", ""),  # no person
        ("沈阳 张阿姨13998765421 铁西区", "", ""),
        ("沈阳张阿姨", "", ""),
    ],
)
def test_the_city_is_answered(completer: Completer, text: str, code: str, detail: str) -> None:
    refused = Completion.nothing(text)
    found = CityAndPerson(completer.short, completer.complete).read(refused)
    assert found.code == code
    assert (found.detail, found.confidence) == (detail, 0.89) if code else found is refused


def test_an_answer_stays(completer: Completer) -> None:
    answer = completer.complete("沈阳市 张阿姨13998765421 二楼")
    assert CityAndPerson(completer.short, completer.complete).read(answer) is answer
