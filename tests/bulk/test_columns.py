"""Which column holds the addresses."""

from __future__ import annotations

import pytest

from buqi.bulk.columns import find_column
from buqi.errors import UsageError


@pytest.mark.parametrize(
    ("columns", "named", "found"),
    [(["id", " Address "], None, " Address "), (["id", "收货地址"], None, "收货地址"), (["x"], None, "x"),
     (["id", "address"], "id", "id")],
)  # fmt: skip
def test_the_column_with_the_addresses(columns, named, found):
    assert find_column(columns, named) == found


@pytest.mark.parametrize("columns", [["a", "b"], ["address", "地址"], []])
def test_a_column_that_is_not_clear_is_asked_for(columns):
    with pytest.raises(UsageError, match="Name it with --column"):
        find_column(columns, None)
    with pytest.raises(UsageError, match="--column x: the columns are"):
        find_column(columns, "x")
