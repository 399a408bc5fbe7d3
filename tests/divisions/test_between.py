"""What stands between two names."""

from __future__ import annotations

import pytest

from buqi.divisions.between import is_telling, join, kept_between


@pytest.mark.parametrize("gap", [" 13862221234 ", "2-301", "A12", "（0512-57891234）", " VIP ", "１２", " No.12 "])
def test_numbers_and_letters_are_kept(gap: str) -> None:
    assert is_telling(gap)


@pytest.mark.parametrize(
    "gap",
    [
        "",
        " ",
        "市辖区",
        "<br>",
        "&nbsp;",
        "&#160;",
        "%20",
        "null",
        " None ",
        "=>",
        " 2. ",
        "②",
        '","city":"',
        "&city=",
        " CN ",
    ],
)
def test_separators_and_words_without_meaning_are_not_kept(gap: str) -> None:
    assert not is_telling(gap)


@pytest.mark.parametrize(
    ("gap", "kept"),
    [
        (" 215332 ", "215332 "),
        ("2-301", "2-301"),
        ("（230000）", "（230000）"),
        ("（12", "12"),
        (",116000,", "116000,"),
        ("市辖区", ""),
    ],
)
def test_what_is_kept_has_no_separators_before_it(gap: str, kept: str) -> None:
    text = f"江苏省{gap}昆山市"
    assert kept_between(text, [(0, 3), (3 + len(gap), len(text))], len(text)) == kept


def test_only_what_stands_before_a_position_is_kept() -> None:
    text = "江苏省12昆山市34花桥镇"
    spans = [(0, 3), (5, 8), (10, 13)]
    assert kept_between(text, spans, 13) == "12 34"
    assert kept_between(text, spans, 8) == "12"
    assert kept_between(text, [], 0) == ""


def test_two_numbers_are_not_joined() -> None:
    assert join(["215332", "12号"]) == "215332 12号"
    assert join(["2-301", "绿地大道"]) == "2-301绿地大道"
