"""A village is read where it is certain, from the table that is given."""

from __future__ import annotations

import pytest

from buqi.address.villages import village_of, written
from buqi.divisions import Table

NAMES = {"61": "陕西省", "6103": "宝鸡市", "610324": "扶风县", "610324107": "法门镇", "610324108": "段家镇"}
CELLS = {"610324107": "001 美阳村委会\t002 王家村委会", "610324108": "001 王家村委会\t002 东坡社区居委会"}
TABLE = Table(NAMES, lambda: CELLS)


@pytest.mark.parametrize(
    ("detail", "town", "code"),
    [
        ("美阳村3组", "", "610324107001"),
        ("美阳村委会", "610324107", "610324107001"),
        ("王家村3组", "", None),  # two towns have one
        ("王家村3组", "610324108", "610324108001"),
        ("美阳村路3号", "", None),  # a road
        ("东坡社区1号", "610324108", "610324108002"),
        ("东坡路1号", "610324108", None),
        ("法门寺", "", None),
        ("", "", None),
    ],
)
def test_village_of(detail, town, code):
    found = village_of(detail, "610324", town, TABLE)
    assert (found.code if found else None) == code


def test_another_table_has_other_villages():
    other = Table(NAMES, lambda: {"610324107": "009 美阳村委会"})
    assert village_of("美阳村3组", "610324", "", TABLE).code == "610324107001"
    assert village_of("美阳村3组", "610324", "", other).code == "610324107009"


@pytest.mark.parametrize(
    ("name", "forms"),
    [
        ("天度村委会", {"天度村委会", "天度村"}),
        ("飞凤社区居委会", {"飞凤社区居委会", "飞凤社区"}),
        ("罗家村村民委员会", {"罗家村村民委员会", "罗家村"}),
    ],
)
def test_how_a_village_is_written(name, forms):
    assert written(name) == forms
