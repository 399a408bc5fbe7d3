"""Columns in which few counties have a value."""

from __future__ import annotations

import numpy as np

from buqi.address.marks import Marks, OfCities, every


def test_the_highest_of_several_values_counts():
    column = Marks()
    column.put([1, 3], 0.5)
    column.put([3, 4], -2.0)
    column.put([1], 0.25)
    column.put([], 9.0)
    assert every(column, 6).tolist() == [0.0, 0.5, 0.0, 0.5, -2.0, 0.0]


def test_the_counties_of_a_city_share_its_value():
    assert every(OfCities(np.array([0.5, -1.0]), np.array([1, 0, 1])), 3).tolist() == [-1.0, 0.5, -1.0]


def test_one_value_for_all():
    assert every(1.0, 3).tolist() == [1.0, 1.0, 1.0]
