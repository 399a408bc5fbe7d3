"""Added columns have a width that fits; what the user set stays."""

from __future__ import annotations

import pytest

from buqi.bulk.sheet_columns import LEAST, MOST, fitting, with_widths

SET = {"width": "12", "customWidth": "1"}


def span(low: int, high: int, **more: str) -> dict[str, str]:
    return {"min": str(low), "max": str(high), **more}


def test_a_width_fits_what_stands_in_the_first_rows():
    assert fitting([["full", "confidence", "x"], ["陕西省宝鸡市", 0.5, None], ["", None]]) == [14, 12, LEAST]
    assert fitting([["x" * 900]]) == [MOST] and fitting([]) == []


def test_columns_get_a_width_unless_they_have_one():
    new = [span(3, 3, **SET), span(4, 4, **SET)]
    assert with_widths([], 3, [12, 12]) == new
    assert with_widths([span(1, 2, width="5")], 3, [12, 12]) == [span(1, 2, width="5"), *new]
    own = span(3, 4, width="40", customWidth="1")
    assert with_widths([own], 3, [12, 12]) == [own] and with_widths([span(1, 9, hidden="true")], 3, [12]) == [
        span(1, 9, hidden="true")
    ]


def test_a_span_of_plain_columns_is_split_around_the_added_ones():
    found = with_widths([span(1, 16384, width="9", style="2")], 3, [12])
    assert found == [
        span(1, 2, width="9", style="2"),
        span(3, 3, style="2", **SET),
        span(4, 16384, width="9", style="2"),
    ]


def test_a_column_without_numbers_is_not_understood():
    for wrong in ({"min": "x", "max": "1"}, {"min": "1"}):
        with pytest.raises((ValueError, KeyError)):
            with_widths([wrong], 1, [12])
