"""Workbooks are read as texts; what ends their reader does not end buqi."""

from __future__ import annotations

import os
import sys
import zipfile
from datetime import datetime
from pathlib import Path

import pytest
import xlsxwriter

from buqi.errors import UsageError
from buqi.rows import sheets
from buqi.rows.sheets import read_sheet, sheet_names

FAR = '<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>x</t></is></c></row></sheetData>'
CHANGES = {  # by what they are: a part, what stands in it, what stands there instead
    "a cell far away": ("xl/worksheets/sheet1.xml", "</sheetData>", FAR),
    "a count that is a lie": ("xl/sharedStrings.xml", 'uniqueCount="2"', 'uniqueCount="1000000000000"'),
    "an error that is none": ("xl/worksheets/sheet1.xml", 't="s"', 't="e"'),
    "a place that is none": ("xl/worksheets/sheet1.xml", 'r="A1"', 'r="$A$1"'),
}


def book(path: Path, names: tuple[str, ...] = ("one",)) -> Path:
    with xlsxwriter.Workbook(path) as made:
        for name in names:
            made.add_worksheet(name).write_column(0, 0, ["地址", "碑林区1号", 5, None, 1.5])
    return path


def test_cells_are_texts(tmp_path):
    path = book(tmp_path / os.fsdecode("一".encode("gbk") + b".xlsx"))
    assert read_sheet(path, None) == read_sheet(path, "one") == [["地址"], ["碑林区1号"], ["5"], [""], ["1.5"]]
    path = book(tmp_path / "b.xlsx", ("one", "二"))
    assert sheet_names(path) == ["one", "二"] and read_sheet(path, "二")[1] == ["碑林区1号"]
    with pytest.raises(UsageError, match="2 sheets hold something; name one with --sheet: one, 二"):
        read_sheet(path, None)
    with pytest.raises(UsageError, match="--sheet three: .*b.xlsx has one, 二"):
        read_sheet(path, "three")


def test_numbers_and_days_are_written_as_they_are_meant(tmp_path):
    day, moment = datetime(2024, 1, 5), datetime(2024, 1, 5, 8, 30)
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as made:
        sheet = made.add_worksheet()
        sheet.write_column(2, 0, ["n", 3, 2.5, 10, 1e21, True])
        for row, (value, form) in enumerate(((day, "yyyy-mm-dd"), (moment, "yyyy-mm-dd hh:mm"), (8.5 / 24, "hh:mm"))):
            sheet.write(row + 3, 1, value, made.add_format({"num_format": form}))
    assert read_sheet(tmp_path / "a.xlsx", None) == [
        ["", ""], ["", ""], ["n", ""], ["3", "2024-01-05"], ["2.5", "2024-01-05 08:30:00"], ["10", "08:30:00"],
        ["1000000000000000000000", ""], ["true", ""],
    ]  # fmt: skip


def test_a_text_that_is_named_as_a_workbook_is_said(tmp_path):
    (tmp_path / "a.xlsx").write_text("src,tgt\nq,a\n")
    with pytest.raises(UsageError, match=r"cannot be read as xlsx \(it is no workbook; a table as text is named \.csv"):
        read_sheet(tmp_path / "a.xlsx", None)


@pytest.mark.parametrize("what", CHANGES)
def test_what_ends_the_reader_is_one_sentence(tmp_path, what):
    part, old, new = CHANGES[what]
    with zipfile.ZipFile(book(tmp_path / "good.xlsx")) as good, zipfile.ZipFile(tmp_path / "bad.xlsx", "w") as bad:
        for name in good.namelist():
            text = good.read(name).decode()
            assert name != part or old in text
            bad.writestr(name, text.replace(old, new) if name == part else text)
    with pytest.raises(UsageError, match=r"bad.xlsx: cannot be read as xlsx \(") as caught:
        read_sheet(tmp_path / "bad.xlsx", None)
    assert "\n" not in str(caught.value) and "Traceback" not in str(caught.value)


@pytest.mark.skipif(sys.platform == "win32", reason="no masks of signals")
def test_ctrl_c_does_not_reach_the_reader():
    code = "import os, signal, sys; os.kill(os.getpid(), signal.SIGINT); print('read', file=sys.stderr)"
    assert sheets._ended([sys.executable, "-c", code]) == (0, "read\n")
