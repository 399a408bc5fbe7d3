"""Areas of free-trade zones lead to their city, in every way they are written."""

from __future__ import annotations

import pytest

from buqi.divisions import load_matcher, load_table
from buqi.divisions.table import Table
from buqi.divisions.trade import trade_zones


@pytest.mark.parametrize(
    ("text", "path", "detail"),
    [
        (
            "中国（福建）自由贸易试验区厦门片区象兴四路21号",
            "福建省厦门市",
            "中国（福建）自由贸易试验区厦门片区象兴四路21号",
        ),
        ("（福建）自由贸易试验区厦门片区象兴四路21号", "福建省厦门市", "自由贸易试验区厦门片区象兴四路21号"),
        ("(上海)自由贸易试验区张江路1号", "上海市", "(上海)自由贸易试验区张江路1号"),
        ("中国上海自贸区日京路1号", "上海市", "中国上海自贸区日京路1号"),
    ],
)
def test_free_trade_zones_name_their_city(text, path, detail):
    from buqi.address.completer import Completer
    from buqi.places.memory import empty_memory

    assert load_matcher().match(text).path.full == path
    found = Completer(empty_memory()).complete(text)
    assert found.path.full.startswith(path) and found.detail == detail


def test_every_area_lies_in_the_table():
    table = load_table()
    zones = list(trade_zones(table))
    assert len(zones) > 700 and all(code in table.by_code for _, code in zones)


def test_ways_to_write_one():
    names = {name for name, _ in trade_zones(Table({"31": "上海市"}))}
    assert {"中国(上海)自由贸易试验区", "(上海)自贸试验区", "中国上海自贸区", "上海自贸区"} <= names
    assert "自贸区" not in names  # every province has one
