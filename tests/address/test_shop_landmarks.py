"""Counties before the landmark that a shop's branch is named after."""

from __future__ import annotations

import pytest

from buqi.address.completer import Completer
from buqi.address.shop_landmarks import county_before_landmark
from buqi.places.memory import empty_memory


@pytest.fixture(scope="module")
def completer() -> Completer:
    return Completer(empty_memory())


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("常熟万达", "320581"),
        ("常熟方塔街", "320581"),
        ("义乌国际商贸城", "330782"),
        ("上虞万达", "330604"),
        ("上虞某某", ""),  # no landmark, and no county-level city
        ("常熟路", ""),  # a road
        ("太仓路新天地", ""),
        ("昆山公园", ""),
        ("平湖万达", ""),  # many places are called so
        ("江苏常熟万达", ""),  # two names, which other rules read
        ("万达", ""),
    ],
)
def test_a_county_before_a_landmark(completer: Completer, text: str, code: str) -> None:
    short = completer.proposer.first_names.short
    assert county_before_landmark(completer.matcher.match(text), short) == code


@pytest.mark.parametrize("text", ["肯德基（常熟万达店）", "人民路5号（昆山花桥店）"])
def test_the_shop_s_name_stays_whole(completer: Completer, text: str) -> None:
    answer = completer.complete(text)
    assert answer.detail == text and answer.confidence == 0.89
