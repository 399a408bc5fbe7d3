"""What an xlsx file has beside the rows."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
import xlsxwriter

from buqi.bulk.package import Elements, TextReader, WorkbookPackage


def book(path: Path) -> Path:
    with xlsxwriter.Workbook(path) as made:
        sheet = made.add_worksheet("第一")
        for column, shown in enumerate(("yyyy-mm-dd", 'yyyy"年"m"月"', '0.00"ymd"')):
            sheet.write_number(0, column, 45000, made.add_format({"num_format": shown}))
        made.add_worksheet("hidden").hide()
    return path


def test_sheets_and_formats_that_show_dates(tmp_path):
    package = WorkbookPackage(book(tmp_path / "a.xlsx"))
    assert [(sheet.name, sheet.hidden) for sheet in package.sheets] == [("第一", False), ("hidden", True)]
    assert len(package.dates) == 2 and not package.old_dates  # letters between quotes show no date


def test_a_damaged_member_is_found_before_work(tmp_path):
    path = book(tmp_path / "a.xlsx")
    with zipfile.ZipFile(path) as whole:
        at = whole.getinfo("xl/styles.xml").header_offset + 80
    data = bytearray(path.read_bytes())
    data[at] ^= 0xFF
    path.write_bytes(data)
    with pytest.raises((zipfile.BadZipFile, zipfile.zlib.error)):
        WorkbookPackage(path)


@pytest.mark.parametrize(
    ("xml", "said"),
    [
        (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "document type"),
        (b'<?xml version="1.0" encoding="gbk"?><a/>', "its XML is in gbk"),
        *(("<a/>".encode(kind), "its XML is in UTF-16") for kind in ("utf-16", "utf-16-le", "utf-16-be")),
    ],
)
def test_what_xml_is_refused(xml, said):
    with pytest.raises(ValueError, match=said):
        Elements(lambda name, attributes: None).read(io.BytesIO(xml))


def test_a_cells_text_is_all_its_runs_without_readings():
    reading = TextReader()
    xml = "<si><r><t>西</t></r><r><t>安_x000A_</t></r><rPh><t>xi an</t></rPh><t>市</t></si>"
    Elements(lambda name, _: reading.start(name), reading.end, reading.add).read(io.BytesIO(xml.encode()))
    assert reading.text == "西安\n市"
    reading.clear()
    assert reading.text == ""
