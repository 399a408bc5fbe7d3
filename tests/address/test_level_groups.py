"""Each county is counted in one division of every level."""

from __future__ import annotations

from buqi.address.counties import Counties
from buqi.address.level_groups import LevelGroups
from buqi.divisions import load_matcher


def test_a_county_lies_in_one_division_of_each_level():
    counties = Counties(load_matcher())
    groups = LevelGroups(counties)
    for code, expected in (
        ("610103", ("610103", "6101", "61")),
        ("110101", ("110101", "11", "11")),  # a municipality is its own city
        ("4419", ("4419", "4419", "44")),  # a city without counties
    ):
        at = counties.number[code]
        found = tuple(groups.codes[level][groups.number[level][at]] for level in ("county", "city", "province"))
        assert found == expected
    for level, codes in groups.codes.items():
        assert len(set(codes)) == len(codes)
        firsts = [counties.codes[number] for number in groups.first[level]]
        assert all(first.startswith(code) for first, code in zip(firsts, codes, strict=True))
