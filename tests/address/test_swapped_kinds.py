"""The kind of a county one character too late."""

from __future__ import annotations

import pytest

from buqi.address.completer import Completer
from buqi.address.swapped_kinds import SwappedKinds


@pytest.fixture(scope="module")
def completer() -> Completer:
    return Completer()


@pytest.mark.parametrize(
    ("text", "place", "detail", "note"),
    [
        (
            "阿克苏依市干其乡",
            "新疆维吾尔自治区阿克苏地区阿克苏市依干其镇",
            "",
            "阿克苏依市: read as 阿克苏市 (characters swapped)",
        ),
        ("安多措县玛乡三村", "西藏自治区那曲市安多县措玛乡", "三村", "安多措县: read as 安多县 (characters swapped)"),
        (
            "浙江东阳横市店镇康庄路",
            "浙江省金华市东阳市横店镇",
            "康庄路",
            "东阳横市: read as 东阳市 (characters swapped)",
        ),
    ],
)
def test_the_town_is_read_in_the_right_order(
    completer: Completer, text: str, place: str, detail: str, note: str
) -> None:
    answer = completer.complete(text)
    assert (answer.path.full, answer.detail) == (place, detail)
    assert note in answer.notes
    assert answer.confidence is not None
    assert answer.confidence <= 0.9


@pytest.mark.parametrize(
    "text", ["乐清柳市镇", "阿克苏市依干其乡", "江苏沛县县城关镇", "昆山新市花桥路", "浙江省东阳市横店镇"]
)
def test_other_texts_are_left(completer: Completer, text: str) -> None:
    answer = completer.complete(text)
    assert SwappedKinds(completer.matcher, completer.complete).read(answer) is answer
    assert not any("swapped" in note for note in answer.notes)
