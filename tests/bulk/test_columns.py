"""Which columns hold the addresses."""

from __future__ import annotations

import pytest

from buqi.bulk.columns import find_columns, level_by_cells
from buqi.bulk.fields import ADDED
from buqi.errors import UsageError

NAMES = ["客户", "省", "市", "区", "街道", "详细地址"]


def nothing(_):
    raise AssertionError("no cell is to be looked at")


def test_columns_are_found_by_their_names():
    found = find_columns(NAMES, None, nothing)
    assert found.levels == dict(zip(NAMES[1:], ["province", "city", "county", "town", "detail"], strict=True))
    assert find_columns(NAMES, "详细地址,省,市", nothing).names == ["省", "市", "详细地址"]
    assert find_columns(NAMES, "详细地址", nothing).names == ["详细地址"]
    assert find_columns(["a,b", "c"], "a,b", nothing).names == ["a,b"]
    assert find_columns(["id", "city", "address"], None, nothing).names == ["address"], "one level alone is no table"
    assert find_columns(NAMES, "详细地址", nothing, single=True).names == ["详细地址"]


def test_the_address_beside_the_levels_is_not_left_out():
    assert find_columns(["省", "市", "区", "联系地址"], None, nothing).names == ["省", "市", "区", "联系地址"]
    assert find_columns(["省", "市", "地址", "公司地址"], None, nothing).names == ["省", "市", "地址"]
    assert find_columns(["编号", "联系地址", *ADDED], None, lambda _: {}).names == ["联系地址"]


def test_columns_are_found_by_their_contents():
    cells = {
        "A": ["张三", "李四"],
        "B": ["陕西", "浙江省"],
        "C": ["西安", "杭州市"],
        "D": ["碑林区", "余杭区"],
        "E": ["法门镇", ""],
        "F": ["长乐路1号", "文一西路969号"],
    }
    found = find_columns([*cells], None, lambda names: {name: cells[name] for name in names})
    assert found.levels == {"B": "province", "C": "city", "D": "county", "E": "town", "F": "detail"}
    assert level_by_cells(["张三", "李四"]) == "" and level_by_cells([]) == ""


def test_one_column_of_addresses_is_found_by_its_cells():
    cells = {"A": [1, None], "where": ["碑林区长乐路1号", ""], "label": ["x", "y"], "text": ["x", "y"]}
    assert find_columns([*cells], None, lambda names: {n: cells[n] for n in names}).names == ["where"]
    assert find_columns([*cells], None, nothing, single=True).names == ["text"], "a model may be asked anything"
    with pytest.raises(UsageError, match="Name it with --column: A, label"):
        find_columns(["A", "label"], None, lambda names: {n: cells[n] for n in names})


def test_what_is_not_there_or_stands_twice_is_said():
    with pytest.raises(UsageError, match="--column 县: the columns are"):
        find_columns(NAMES, "省,县", nothing)
    with pytest.raises(UsageError, match="市 and 城市 both hold a city"):
        find_columns([*NAMES, "城市"], "市,城市,地址".replace("地址", "详细地址"), nothing)


@pytest.mark.parametrize(
    ("columns", "cells"),
    [
        (["碑林区长乐坊1号"], [["余杭区文一西路969号"]]),
        (["陕西", "西安", "碑林区"], [["浙江", "杭州", "余杭区"]] * 3),
    ],
)
def test_a_first_line_that_is_a_row_is_not_lost(columns, cells):
    def sample(names):
        return {name: [row[columns.index(name)] for row in cells] for name in names}

    with pytest.raises(UsageError, match="the first line is an address; write a line with the column's name above it"):
        find_columns(columns, None, sample)
    asked = ",".join(columns)
    assert list(find_columns(columns, asked, sample).names) == columns, "who names it means it"
    assert list(find_columns(columns[:1], None, sample, single=True).names) == columns[:1], "a text of another task"


def test_a_column_may_be_named_after_a_place():
    for name in ("西安市客户", "碑林区", "收货信息"):
        assert find_columns([name], None, nothing).names == [name]


def test_what_an_earlier_result_added_is_not_read_as_the_files_own():
    assert find_columns([*NAMES, *ADDED], None, nothing).names == NAMES[1:]
    assert find_columns(["id", "address", *ADDED], None, nothing).names == ["address"]
    assert find_columns(ADDED, None, nothing).levels["city"] == "city", "they are all that there is"
    assert find_columns([*NAMES, *ADDED], "province,city,full", lambda _: {}).names == ["province", "city", "full"]
