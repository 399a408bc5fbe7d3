"""Counties behind the name of a city or prefecture that they no longer lie in."""

from __future__ import annotations

import pytest

from buqi.divisions import load_matcher, load_table
from buqi.divisions.data_files import data_text
from buqi.divisions.meaning import MOVED
from buqi.divisions.parted import FILE


@pytest.mark.parametrize(
    ("text", "path", "detail"),
    [
        ("莱芜市钢城区府前大街", "山东省济南市钢城区", "府前大街"),
        ("安徽省巢湖市和县历阳镇", "安徽省马鞍山市和县历阳镇", ""),
        ("六安寿县寿春镇", "安徽省淮南市寿县寿春镇", ""),
        ("新乡地区济源市", "河南省济源市", ""),
        ("泰安市莱芜市", "山东省济南市莱芜区", ""),
        ("扬州泰兴路12号", "江苏省扬州市", "泰兴路12号"),  # a road
        ("濮阳滑县路5号", "河南省濮阳市", "滑县路5号"),
        ("莱芜市凤城街道", "山东省济南市莱芜区凤城街道", ""),  # that stayed
    ],
)
def test_the_county_decides(text, path, detail):
    match = load_matcher().match(text)
    assert (match.path.full, match.detail) == (path, detail)


def test_the_city_is_where_the_county_lay():
    best = load_matcher().match("江苏省扬州市泰兴市").best
    assert best is not None and [(used.name, used.kind) for used in best.used][1] == ("扬州市", MOVED)


def test_counties_of_the_list_lie_elsewhere_today():
    table = load_table()
    rows = [line.split("\t") for line in data_text(FILE).splitlines()]
    assert len(rows) > 80
    for city, codes in rows:
        assert all(table.path(code).name("city") != city for code in codes.split(" "))
