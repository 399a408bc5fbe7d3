"""Each county is counted in one division of every level."""

from __future__ import annotations

import numpy as np
import pytest

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


def test_probabilities_are_added_up_by_level():
    counties = Counties(load_matcher())
    groups, p = LevelGroups(counties), np.zeros(len(counties.codes))
    p[[counties.number[code] for code in ("610103", "610104", "110101", "4419")]] = 0.1, 0.2, 0.3, 0.4
    found = groups.sums(p)
    assert found["county"] is p  # they stand in the same order
    assert groups.codes["county"][counties.number["610104"]] == "610104"
    for level, code, share in (("city", "6101", 0.3), ("city", "4419", 0.4), ("province", "11", 0.3)):
        assert found[level][groups.codes[level].index(code)] == pytest.approx(share)
