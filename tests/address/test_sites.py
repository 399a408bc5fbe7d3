"""Ports of entry and campuses by name."""

from __future__ import annotations

import pytest

from buqi.address.sites import CAMPUS, EAST, PORT, load_sites, site_of
from buqi.divisions import load_matcher, load_table


@pytest.mark.parametrize(
    ("text", "county"),
    [
        ("樟木口岸", "聂拉木县"),
        ("珠海拱北口岸", "香洲区"),
        ("中国石油大学（华东）", "黄岛区"),
        ("山东省东营市中国石油大学（华东）", "东营区"),
        ("四川大学（江安校区）", "双流区"),
        ("四川大学江安校区南门", "双流区"),
        ("拱北口岸路5号", ""),
        ("东兴市东兴口岸", ""),  # its county is named
        ("莆田东兴口岸", ""),
    ],
)
def test_a_site_lies_in_its_county(text, county):
    table = load_table()
    assert table.names.get(site_of(load_matcher().match(text), text, table), "") == county


def test_every_site_lies_in_a_county_of_the_table():
    table = load_table()
    assert len(load_sites()) > 150 and all(len(code) == 6 and code in table.names for code in load_sites().values())


def test_every_site_has_one_of_the_words_that_are_sought():
    assert [name for name in load_sites() if not any(word in name for word in (PORT, CAMPUS, EAST))] == []
