"""Rows of a sheet's XML are read with their cells."""

from __future__ import annotations

import io
from types import SimpleNamespace

import pytest
import xlsxwriter

from buqi.bulk.fields import text_of
from buqi.bulk.sheet_rows import RowReader, column_letters, column_number
from buqi.bulk.workbook import Workbook
from buqi.rows.sheets import read_sheet

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
    for old, shown in ((False, "1900-01-01 12:00:00"), (True, "1904-01-02 12:00:00")):
        reader = RowReader(SimpleNamespace(texts=[], dates={"9"}, old_dates=old))
        assert [str(row[1][1]) for row in reader.read(io.BytesIO(cell.encode()))] == [shown]


def test_the_two_readers_of_workbooks_show_the_same_texts(tmp_path):
    with xlsxwriter.Workbook(tmp_path / "a.xlsx", {"strings_to_numbers": False}) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, ["地址", "n"])
        texts = ["007", " _x0041_<&> ", "a\r\nb", 3, -12.0, 2.5, 0.1 + 0.2, 1e21, 13800138000, 610103199001011234]
        page.write_column(1, 0, texts)
        page.write_rich_string(11, 0, book.add_format({"bold": 1}), "碑林", "区")
        page.write_formula(12, 0, '="a"&"b"', None, "ab")
        for row, days in enumerate((45296, 45296.25, 0.35, 1.5, 59, 61, 0), 13):
            page.write_number(row, 0, days, book.add_format({"num_format": "yyyy-mm-dd hh:mm"}))
    (piece,) = Workbook(tmp_path / "a.xlsx", None, None).pieces(99, ["地址"])
    assert [text_of(cell)[0] for cell in piece.cells["地址"]] == [
        row[0] for row in read_sheet(tmp_path / "a.xlsx", None)[1:]
    ]
