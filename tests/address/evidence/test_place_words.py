"""Whether a text has words of an address is the same for all counties."""

from __future__ import annotations

import pytest

from buqi.address.evidence.place_words import PlaceWords
from tests.address.evidence.conftest import parsed, said


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("保温杯加厚", {"no_place_word", "no_door"}),
        ("长沙臭豆腐", {"no_place_word", "no_door"}),
        ("人民路", {"no_door"}),
        ("金色家园3栋", {"no_door"}),
        ("邮局对面", set()),
    ],
)
def test_columns(resources, text, columns):
    found = said(PlaceWords(resources), parsed(resources, text))
    assert set(found) == columns and all((column == 1).all() for column in found.values())
