"""What may stand before, between and behind the names of divisions."""

from __future__ import annotations

import pytest

from buqi.divisions.name_patterns import FILLER, FILLER_STARTS, NOT_SHORT, WORDS


@pytest.mark.parametrize(
    "text", ["全区中国", "省直辖县级行政区划", "自治区直辖县级行政区划", "县级市", "生产建设兵团", "的"]
)
def test_words_that_say_nothing_between_two_names(text):
    assert WORDS.fullmatch(text) and FILLER.fullmatch(text) and text[0] in FILLER_STARTS


@pytest.mark.parametrize("text", ["西湖", "直达", "兵站", "建设路"])
def test_other_words_are_none(text):
    assert not FILLER.fullmatch(text)


@pytest.mark.parametrize("text", ["路", "大学", "风情街"])
def test_what_a_short_name_is_only_the_beginning_of(text):
    assert NOT_SHORT.match(text)
