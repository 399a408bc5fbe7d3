"""Rows of a sheet's XML are read with their cells."""

from __future__ import annotations

import io
from types import SimpleNamespace

import pytest

from buqi.bulk.sheet_rows import RowReader, column_letters, column_number

SHEET = (
    '<worksheet><dimension ref="A1:B3"/><cols><col min="1"/></cols><sheetData><row r="1" spans="1:2"><c r="A1" s="4">'
    '<v>7</v></c></row><row r="2"/><row r="4"><c r="A4" t="b"><v>1</v></c><c t="inlineStr"><is><t>x</t></is></c>'
    '<c r="D4"><v>9</v></c></row></sheetData><mergeCells><mergeCell ref="A1:B2"/></mergeCells></worksheet>'
)


@pytest.mark.parametrize(("number", "letters"), [(1, "A"), (26, "Z"), (27, "AA"), (702, "ZZ"), (16384, "XFD")])
def test_columns(number, letters):
    assert column_letters(number) == letters and column_number(letters) == number


def test_values_of_each_kind_and_rows_without_any():
    reader = RowReader(SimpleNamespace(texts=[], dates={"9"}, old_dates=False))
    assert list(reader.read(io.BytesIO(SHEET.encode()))) == [(1, {1: 7}), (2, {}), (4, {1: True, 2: "x", 4: 9})]
    assert reader.last_column == 4 and reader.merged == [(2, 2)]


@pytest.mark.parametrize(("letters", "ref"), [("A1:C3", "A1:"), ("A1:C3", "x:y"), ("B2", "1:2")])
def test_what_only_helps_programs_may_be_wrong(letters, ref):
    sheet = SHEET.replace("A1:B3" if "C" in letters else "A1:B2", ref)
    reader = RowReader(SimpleNamespace(texts=[], dates=set(), old_dates=False))
    assert len(list(reader.read(io.BytesIO(sheet.encode())))) == 3


def test_a_date_of_either_calendar():
    cell = '<worksheet><sheetData><row><c s="9"><v>1.5</v></c></row></sheetData></worksheet>'
    for old, shown in ((False, "1899-12-31 12:00:00"), (True, "1904-01-02 12:00:00")):
        reader = RowReader(SimpleNamespace(texts=[], dates={"9"}, old_dates=old))
        assert [str(row[1][1]) for row in reader.read(io.BytesIO(cell.encode()))] == [shown]
