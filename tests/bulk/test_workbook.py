"""A workbook goes through, and one of its sheets gets columns."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import fastexcel
import polars as pl
import pytest
import xlsxwriter

from buqi.bulk import Job, run_job
from buqi.bulk.workbook import Workbook
from buqi.errors import UsageError
from tests.bulk.conftest import MATCH


def test_xlsx_with_sheets_dates_and_merged_cells(tmp_path):
    import datetime as dt

    with xlsxwriter.Workbook(tmp_path / "in.xlsx") as book:
        one, _ = book.add_worksheet("甲"), book.add_worksheet("乙")
        one.write_row(0, 0, ["地址", "when"])
        one.merge_range(1, 0, 2, 0, "碑林区1号")
        one.write_datetime(1, 1, dt.datetime(2024, 5, 1), book.add_format({"num_format": "yyyy-mm-dd"}))
        one.write_string(3, 0, "=1+1")
    summary = run_job(Job(tmp_path / "in.xlsx", tmp_path / "guessed.xlsx", options=MATCH))
    assert summary.guesses == ["sheet 甲 is read, not 乙", "addresses in column 地址"]
    with pytest.raises(UsageError, match=r"--sheet 丙: .* has 甲, 乙"):
        run_job(Job(tmp_path / "in.xlsx", tmp_path / "out.xlsx", sheet="丙", options=MATCH))
    run_job(Job(tmp_path / "in.xlsx", tmp_path / "out.xlsx", sheet="甲", options=MATCH))
    assert (tmp_path / "out.xlsx").read_bytes() == (tmp_path / "guessed.xlsx").read_bytes()
    out = pl.read_excel(tmp_path / "out.xlsx", infer_schema_length=None)
    assert out["county"].to_list()[0] == "碑林区" and out["notes"].to_list()[1] == "empty cell"
    assert "2024-05-01" in str(out["when"][0]) and out["地址"][2] == "=1+1"


@pytest.mark.parametrize("last", ["value", "no place"])
def test_a_sheet_without_room_is_refused_before_work(tmp_path, monkeypatch, last):
    with xlsxwriter.Workbook(tmp_path / "in.xlsx") as book:
        page = book.add_worksheet("甲")
        page.write_column(0, 0, ["地址", "碑林区1号", "鼓楼区1号"])
        if last == "no place":
            page.write_row(2, 1, ["x"] * 16383)
        else:
            page.write_string(2, 16380, "x")
    if last == "no place":  # cells need not say where they stand
        changed = tmp_path / "changed.xlsx"
        with zipfile.ZipFile(tmp_path / "in.xlsx") as source, zipfile.ZipFile(changed, "w") as target:
            for name in source.namelist():
                target.writestr(name, re.sub(rb'<c r="\w+"', b"<c", source.read(name)))
        changed.replace(tmp_path / "in.xlsx")
    monkeypatch.setattr("buqi.bulk.job._finished_pieces", lambda *_: pytest.fail("work was done"))
    with pytest.raises(UsageError, match="sheet 甲 has no room for 1. columns more"):
        run_job(Job(tmp_path / "in.xlsx", tmp_path / "out.xlsx", options=MATCH))
    assert [path.name for path in tmp_path.iterdir()] == ["in.xlsx"]


def test_a_sheet_whose_last_columns_are_only_named_is_read(tmp_path):
    with xlsxwriter.Workbook(tmp_path / "in.xlsx") as book:
        page = book.add_worksheet()
        page.write_column(0, 0, ["地址", "碑林区1号 XFD1"])
        page.write_blank(1, 16383, None, book.add_format({"bold": True}))
    run_job(Job(tmp_path / "in.xlsx", tmp_path / "out.xlsx", options=MATCH))
    assert pl.read_excel(tmp_path / "out.xlsx")["county"][0] == "碑林区"


def carried(path: Path, column: str | None = None) -> tuple[Workbook, list[int], Path]:
    book = Workbook(path, None, column, ("full", "notes"))
    (piece,) = book.pieces(99, book.columns[:1])
    book.write(path.with_name("part"), piece, [[f"市{n}", 0.5] for n in piece.numbers], safe=False)
    book.join([path.with_name("part")], path.with_name("out.xlsx"), safe=False)
    return book, list(piece.numbers), path.with_name("out.xlsx")


def test_a_title_above_the_names_and_formats_beside_them(tmp_path):
    with xlsxwriter.Workbook(tmp_path / "in.xlsx") as book:
        page, bold = book.add_worksheet(), book.add_format({"bold": True, "border": 1})
        page.merge_range("A1:J1", "客户表", bold)
        page.merge_range("B7:C7", "", bold)
        page.write_row(2, 0, ["地址", "when"], bold)
        page.write_row(3, 0, ["碑林区1号", 1])
        for column in range(2, 30):
            page.write_blank(3, column, None, bold)
        page.write_row(6, 0, ["鼓楼区1号"])
    book, numbers, out = carried(tmp_path / "in.xlsx")
    assert book.guesses == ["row 3 names the columns"] and numbers == [4, 5, 6, 7]
    rows = fastexcel.read_excel(out).load_sheet(0, header_row=None, skip_rows=0).to_polars().rows()
    assert rows[2][:5] == ("地址", "when", None, "full", "notes")
    assert rows[3][:5] == (
        "碑林区1号",
        "1",
        None,
        "市4",
        "0.5",
    )
    assert rows[4][3] == "市5" and rows[6][0] == "鼓楼区1号" and rows[6][3] == "市7"
    xml = zipfile.ZipFile(out).read("xl/worksheets/sheet1.xml").decode()
    assert len(re.findall(r'r="D4"', xml)) == 1 and 'r="AD4" s="' in xml, "formats further right stay"
    styles = re.findall(r'<c r="[BD]3" s="(\d+)"', xml)
    assert len(styles) == 2 and styles[0] == styles[1], "an added name looks like those beside it"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda xml: xml.replace(b"<worksheet", b"<!DOCTYPE x><worksheet"), "it has a document type"),
        (lambda xml: xml.replace(b"UTF-8", b"GBK"), "its XML is in GBK"),
        (lambda xml: xml[:-40], "cannot be read as xlsx"),
        (lambda xml: xml.replace(b'r="A1"', b'r="A1" t="s"').replace(b"<v>0</v>", b"<v>77</v>"), "cannot be read as"),
        (lambda xml: xml.replace(b"<v>1</v>", b"<v>-1</v>"), "a cell has the text -1"),
        (lambda xml: xml.replace(b'r="A2"', b'r="2"'), "a cell in a column ''"),
        (lambda xml: xml.replace(b'r="A2"', b'r="$A$2"'), r"a cell in a column '\$A\$'"),
        (lambda xml: xml.replace(b'<row r="2"', b'<row r="1"'), "row 1 stands behind row 1; open it in a spreadsheet"),
        (lambda xml: xml.replace(b'<row r="1"', b'<row r="7"'), "row 2 stands behind row 7"),
    ],
)
def test_what_is_wrong_in_a_sheet_is_one_sentence(tmp_path, change, message):
    with xlsxwriter.Workbook(tmp_path / "good.xlsx") as book:
        book.add_worksheet().write_column(0, 0, ["地址", "碑林区1号"])
    with zipfile.ZipFile(tmp_path / "good.xlsx") as good, zipfile.ZipFile(tmp_path / "in.xlsx", "w") as out:
        for name in good.namelist():
            out.writestr(name, change(good.read(name)) if "sheet1.xml" in name else good.read(name))
    with pytest.raises(UsageError, match=message):
        carried(tmp_path / "in.xlsx")


def test_odd_texts_are_written_so_that_they_are_read_again(tmp_path):
    with xlsxwriter.Workbook(tmp_path / "in.xlsx") as book:
        book.add_worksheet().write_column(0, 0, ["地址", "碑林区1号"])
    book = Workbook(tmp_path / "in.xlsx", None, None, ("full", "b", "c", "d"))
    (piece,) = book.pieces(9, ["地址"])
    book.write(tmp_path / "part", piece, [["_x0041_ <&>\n ", "半\ud83d\x01", "x" * 40_000, "=1+1"]], safe=False)
    book.join([tmp_path / "part"], tmp_path / "out.xlsx", safe=False)
    again = Workbook(tmp_path / "out.xlsx", None, None)
    (piece,) = again.pieces(9, again.columns)
    assert {k: v[0] for k, v in piece.cells.items() if k != "d"} == {
        "地址": "碑林区1号", "full": "_x0041_ <&>\n ", "b": "半?", "c": "x" * 32_767,
    }  # fmt: skip
    assert piece.cells["d"] == ["=1+1"]
    assert "<f>" not in zipfile.ZipFile(tmp_path / "out.xlsx").read("xl/worksheets/sheet1.xml").decode()


def test_cells_and_rows_without_content_are_no_trouble(tmp_path):
    """Formatted cells that hold nothing, where columns are added and between others, and a row without any."""
    source, target = tmp_path / "in.xlsx", tmp_path / "out.xlsx"
    with xlsxwriter.Workbook(source) as book:
        sheet, bold = book.add_worksheet(), book.add_format({"bold": True})
        sheet.write_row(0, 0, ["省", "市", "address", "n"])
        sheet.write_row(1, 0, ["", "", "碑林区长乐路1号", 7], bold)
        for column in (0, 1, 4, 5, 6):
            sheet.write_blank(1, column, None, bold)
        sheet.set_row(2, 30, bold)
        sheet.write_row(3, 0, ["陕西", "", "雁塔区小寨东路1号", 8])
    for fill in (False, True):
        run_job(Job(source, target, options=MATCH, fill=fill), overwrite=True)
        found = pl.read_excel(target, drop_empty_rows=False)
        assert [n for n in found["n"].to_list() if n] == [7, 8]
        assert [c for c in found["address"].to_list() if c] == ["碑林区长乐路1号", "雁塔区小寨东路1号"]
        kept = [[cell or None for cell in row] for row in found.select("省", "市").rows()]
        assert kept[0] == (["陕西省", "西安市"] if fill else [None, None])
        assert kept[-1] == (["陕西", "西安市"] if fill else ["陕西", None])
        assert found["status"].to_list()[0] == "partial"


def test_a_column_that_no_sheet_has_is_answered_with_the_sheets_and_theirs(tmp_path):
    with xlsxwriter.Workbook(tmp_path / "in.xlsx") as book:
        for name, names in (("甲", ["单号", "地址"]), ("乙", ["客户", "收货地址"]), ("丙", [])):
            book.add_worksheet(name).write_row(0, 0, names)
    said = r"in no sheet of .*; they have 甲 \(单号, 地址\); 乙 \(客户, 收货地址\); 丙 \(nothing in it\)"
    with pytest.raises(UsageError, match=f"--column 住址: {said}"):
        Workbook(tmp_path / "in.xlsx", None, "住址")
    assert Workbook(tmp_path / "in.xlsx", None, "收货地址").sheet.name == "乙"


def test_a_title_above_the_names_is_no_name(tmp_path):
    with xlsxwriter.Workbook(tmp_path / "in.xlsx") as book:
        for name in ("甲", "乙"):
            book.add_worksheet(name).write_column(0, 0, ["客户清单"])
            book.get_worksheet_by_name(name).write_row(1, 0, ["单号", "在哪里"])
            book.get_worksheet_by_name(name).write_row(2, 0, [1, "碑林区长乐路1号"])
    with pytest.raises(UsageError, match=r"they have 甲 \(单号, 在哪里\); 乙 \(单号, 在哪里\)"):
        Workbook(tmp_path / "in.xlsx", None, "地址")
    table = Workbook(tmp_path / "in.xlsx", "甲", "地址")
    assert table.columns == ["单号", "在哪里"] and table.guesses == ["row 2 names the columns"]
