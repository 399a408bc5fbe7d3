"""Names by level."""

from __future__ import annotations

from buqi.address import Completion
from buqi.divisions import load_table
from buqi.synthesis.damage import FullAddress


def test_whatever_has_a_path_has_the_names_of_its_levels():
    table = load_table()
    town, city = table.path("610324107"), table.path("4419")
    for found in (Completion("x", "x", town), FullAddress(town, "1号")):
        assert (found.province, found.city, found.county, found.town) == ("陕西省", "宝鸡市", "扶风县", "法门镇")
    assert FullAddress(city, "").county == "" == Completion("x", "x", city).town
