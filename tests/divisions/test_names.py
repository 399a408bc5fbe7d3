from __future__ import annotations

import pytest

from buqi.divisions.names import short_name, short_names


@pytest.mark.parametrize(
    ("name", "shorts"),
    [
        ("碑林区", ("碑林",)),
        ("恩施土家族苗族自治州", ("恩施", "恩施州", "恩施自治州")),
        ("土默特右旗", ("土右旗",)),
        ("科尔沁左翼中旗", ("科左中旗",)),
        ("管城回族区", ("管城回族", "管城", "管城区")),
        ("东区", ()),
    ],
)
def test_short_names(name, shorts):
    assert short_names(name) == shorts


@pytest.mark.parametrize(
    ("name", "short"),
    [("碑林区", "碑林"), ("凤县", "凤县"), ("五峰土家族自治县", "五峰"), ("恩施土家族苗族自治州", "恩施"),
     ("内蒙古自治区", "内蒙古"), ("神农架林区", "神农架"), ("西双版纳傣族自治州", "西双版纳"), ("两江新区", "两江")],
)  # fmt: skip
def test_the_commonest_short_name(name, short):
    assert short_name(name) == short
