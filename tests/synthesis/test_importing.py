"""Addresses of a file become rows, and every cell is accounted for."""

from __future__ import annotations

import pytest

from buqi.divisions import load_table
from buqi.errors import UsageError
from buqi.synthesis.importing import address_cells, import_rows
from tests.helpers import ADDRESSES


def test_a_files_addresses_are_those_of_the_column_named_or_found(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("id,where\n" + "".join(f"{i},{a}\n" for i, a in enumerate(ADDRESSES)), encoding="utf-8")
    assert address_cells(path, None, None, None) == ("where", ADDRESSES)
    assert address_cells(path, "id", None, None)[0] == "id", "what is named is taken as it is"
    with pytest.raises(UsageError, match="--column x: the columns are id, where"):
        address_cells(path, "x", None, None)


@pytest.mark.parametrize(
    ("header", "cells", "said"),
    [("text,label", "x,y", "no column holds addresses .*: text 0%, label 0%.* or texts and answers with --src and"),
     ("地址,label", "x,y", "no column holds addresses"), ("编号,碑林区南大街9号", "x,碑林区1号", "the first line"),
     ("家庭住址,公司地址", "碑林区1号,莲湖区1号", "which column holds the addresses")],
)  # fmt: skip
def test_a_column_that_is_not_clear_is_asked_for(tmp_path, header, cells, said):
    (tmp_path / "a.csv").write_text(f"{header}\n{cells}\n", encoding="utf-8")
    with pytest.raises(UsageError, match=said):
        address_cells(tmp_path / "a.csv", None, None, None)


def test_rows_restore_what_was_imported_and_every_cell_is_accounted_for():
    others = ["", "没有地方", "鼓楼区1号", "西安市1号", "广东省南昌市南山区1号"]
    cells = [*ADDRESSES, "碑林区南大街9号", ADDRESSES[0], *others]
    found = import_rows(cells, "where")
    assert len(found.rows) == 9
    assert found.full == 8
    assert found.missing["province"] == 1
    assert len(found.rows) + sum(found.left_out.values()) == found.cells == len(cells)
    assert found.left_out["duplicate"] == found.left_out["empty"] == found.left_out["contradicts itself"] == 1
    assert found.left_out["county not named"] == 1
    for row in found.rows:
        path, detail = load_table().read(row.tgt[0])
        assert path.divisions and row.src[0].endswith(detail)


def test_a_city_without_counties_is_named_like_a_county():
    cells = ["东莞市虎门镇太沙路1号", "东莞市长安镇德政中路2号"]
    assert len(import_rows(cells, "where").rows) == 2


@pytest.mark.parametrize("cell", ["陕西省人民路12号", "北京市人民路12号", "西安市人民路12号"])
def test_no_row_is_made_above_the_county(cell):
    found = import_rows([cell], "where")
    assert found.left_out == {"county not named": 1} and not found.rows
