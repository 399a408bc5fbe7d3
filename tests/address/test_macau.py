"""Parts of Macau that are no divisions."""

from __future__ import annotations

import pytest

from buqi.address.macau import macau_of
from buqi.divisions import load_matcher


@pytest.mark.parametrize(
    ("text", "lead", "detail", "of_city"),
    [
        ("路环石排湾", "", "路环石排湾", False),
        ("路氹城", "", "路氹城", False),
        ("氹仔官也街", "", "氹仔官也街", False),
        ("澳门路环", "", "路环", True),
        ("路环石排湾 澳门", "", "路环石排湾 澳门", False),
    ],
)
def test_a_part_of_macau_tells_macau(text: str, lead: str, detail: str, of_city: bool) -> None:
    assert macau_of(load_matcher().match(text)) == ("82", lead, detail, of_city)


@pytest.mark.parametrize(
    "text", ["广州路环城路", "路环", "氹仔村", "香港石排湾", "澳门大堂区", "氹仔 珠海市香洲区", "沈阳 路环石排湾"]
)
def test_other_texts_name_none(text: str) -> None:
    assert macau_of(load_matcher().match(text)) is None
