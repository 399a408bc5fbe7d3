"""Which column of a table holds the addresses."""

from __future__ import annotations

import pytest

from buqi.divisions.address_column import check_header, columns_meant, county_shares, named_column, only_column
from buqi.errors import UsageError

FULL, BARE, COUNTY = "碑林区南大街9号", "南大街9号", "碑林区"


def nothing(_):
    raise AssertionError("no cell is to be looked at")


@pytest.mark.parametrize(
    ("columns", "found"),
    [(["id", " Address "], " Address "), (["id", "收货地址"], "收货地址"), (["text", "地址"], "地址"),
     (["编号", "联系地址", "邮箱地址", "ip_address"], "联系地址"), (["联系地址", "收货地址"], "收货地址"),
     (["id", "email_address", "home_address"], "home_address")],
)  # fmt: skip
def test_a_name_says_it(columns, found):
    assert columns_meant(columns, nothing) == [found]


@pytest.mark.parametrize("columns", [["a", "b"], ["address", "地址"], ["家庭住址", "公司地址"], ["a", "网站地址"], []])
def test_a_column_that_is_not_clear_is_asked_for(columns):
    with pytest.raises(UsageError, match="Name it with --column"):
        only_column(columns_meant(columns, lambda _: {}), columns)
    with pytest.raises(UsageError, match="--column x: the columns are"):
        named_column(columns, "x")


@pytest.mark.parametrize(
    ("cells", "found"),
    [({"id": ["1", 2], "name": ["张三", "李四"], "where": [FULL, ""]}, ["where"]), ({"id": ["1"]}, []),
     ({"区": [COUNTY] * 3, "详细": [BARE, FULL, FULL]}, ["详细"]), ({"区": [COUNTY], "姓名": ["张三"]}, ["区"]),
     ({"id": ["1"], "where": ["东莞市虎门镇太沙路1号"]}, ["where"]), ({"text": ["x"], "id": ["y"]}, ["text"]),
     ({"text": ["x"], "where": [FULL]}, ["where"]), ({"家庭住址": [BARE], "公司地址": [FULL]}, ["公司地址"]),
     ({"家庭住址": [FULL], "公司地址": [FULL]}, ["家庭住址", "公司地址"])],
)  # fmt: skip
def test_cells_say_it_where_names_do_not(cells, found):
    assert columns_meant([*cells], lambda names: {name: cells[name] for name in names}) == found


def test_a_share_is_one_of_the_filled_cells():
    assert county_shares(["", None, FULL, COUNTY, BARE, "x"]) == (0.25, 0.5) and county_shares([]) == (0, 0)
    assert county_shares(["x"] * 100 + [FULL] * 100) == (0.5, 0.5), "the first cells alone do not decide"


def test_a_first_line_that_is_a_row_is_not_lost():
    for name in (FULL, "东莞市虎门镇太沙路1号"):
        with pytest.raises(UsageError, match="the first line is an address; write a line with the column's name"):
            check_header([name])
    check_header([COUNTY, "西安市客户", "收货信息"])
