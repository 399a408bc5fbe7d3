from __future__ import annotations

import pytest

from buqi.divisions.building.build import village_text
from buqi.divisions.building.join import join_towns, join_villages, parent_of


@pytest.mark.parametrize(
    ("town", "streets", "expected"),
    [
        (("410928101", "鲁河镇"), {"410928101": "鲁河镇"}, ("410928101", "exact")),
        (("410928101", "鲁河镇"), {"410928110": "濮阳县鲁河镇"}, ("410928110", "prefixed")),
        (("110105021", "南磨房乡"), {"110105021": "南磨房地区"}, ("110105021", "code")),
        (("341882101", "卢村镇"), {"341882201": "卢村乡"}, ("341882201", "suffix")),
        (("130108008", "长江街道"), {"130171010": "长江街道"}, ("130171010", "same_city")),
        (("410928111", "新习镇"), {"410928111": "王称堌镇"}, None),  # a code given to another town
        (("341882101", "卢村镇"), {"341882201": "卢村乡", "341882301": "卢村街道"}, None),  # which of the two?
        (("341882101", "卢村镇"), {"351882101": "卢村镇"}, None),  # another province
    ],
)
def test_join(town, streets, expected):
    found = join_towns(dict([town]), streets)
    assert found == ({expected[0]: (town[0], expected[1])} if expected else {})


def test_an_exact_name_is_not_taken_by_a_looser_pass():
    towns = {"341882101": "卢村镇", "341882102": "卢村街道"}
    streets = {"341882101": "卢村街道", "341882102": "卢村镇"}
    assert join_towns(towns, streets) == {"341882101": ("341882102", "exact"), "341882102": ("341882101", "exact")}


def test_the_county_of_a_town():
    assert parent_of("441900003") == "4419"
    assert parent_of("610324107") == "610324"


def test_villages_follow_their_street():
    villages = {"341882201001": "东村", "341882201002": "西村", "999999999001": "虚拟社区"}
    under, counts = join_villages(villages, {"341882201": ("341882101", "suffix")})
    assert under == {"341882101": [("341882201001", "东村"), ("341882201002", "西村")]}
    assert counts == {"suffix": 2, "left_out": 1}
    assert village_text(under) == "341882101\t341882201001 东村\t341882201002 西村\n"
    assert village_text({"341882201": under["341882101"]}) == "341882201\t001 东村\t002 西村\n"
