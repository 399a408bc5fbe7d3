"""Schools behind a province and one of its cities in short."""

from __future__ import annotations

import pytest

from buqi.address.completer import Completer
from buqi.address.completion import Completion
from buqi.address.schools import read_school
from buqi.places.memory import empty_memory


@pytest.fixture(scope="module")
def completer() -> Completer:
    return Completer(empty_memory())


@pytest.mark.parametrize(
    ("text", "city"),
    [
        ("河北衡水中学", "1311"),
        ("江苏省扬州中学", "3210"),  # the school's own name
        ("湖南长沙一中", "4301"),
        ("河北 衡水中學", "1311"),
        ("湖南岳阳县一中", ""),  # a county
        ("江苏昆山中学", ""),
        ("湖北黄冈中学路", ""),
        ("湖北黄冈中学广州学校", ""),  # a branch elsewhere
        ("北京四中", ""),
    ],
)
def test_a_school_is_in_the_city_of_its_name(completer: Completer, text: str, city: str) -> None:
    answer = Completion.nothing(text)
    found = read_school(answer, completer.matcher.table, completer.short)
    assert found.code == city
    assert (found.detail, found.confidence) == (text, 0.89) if city else found is answer


def test_what_is_sure_of_the_city_stays(completer: Completer) -> None:
    assert (completer.complete("福建省厦门一中").confidence or 0.0) > 0.9
