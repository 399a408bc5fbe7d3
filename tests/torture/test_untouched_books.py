"""Workbooks with all that one can hold come back with it: links, comments, pictures, macros, protection, names."""

from __future__ import annotations

import base64
import datetime as dt
import random
import zipfile
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from buqi.bulk.tables import open_table
from buqi.errors import UsageError
from tests.bulk.test_untouched import check_book, names, write_cell

DOT = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)  # a picture of one pixel
FORMULAS = ["=SUM(A1:A3)", "=A1&B1", '=IF(A1="",1,2)', "=1/0", "=表0!A1", "=region", '=HYPERLINK("https://x.y","z")']
RULES = [
    {"type": "cell", "criteria": ">", "value": 5},
    {"type": "text", "criteria": "containing", "value": "区"},
    {"type": "formula", "criteria": "=$A1>1"},
    {"type": "icon_set", "icon_style": "3_traffic_lights"},
    {"type": "top", "value": 2},
    *({"type": kind} for kind in ("duplicate", "data_bar", "no_blanks")),
]
NUMBERS = ["yyyy年m月d日", "h:mm:ss AM/PM", "[$¥-804]#,##0.00", "0.0E+00", "# ?/?", "@", "[红色][>9]0;0", "000000"]


def make_rich_book(path: Path, chosen: random.Random) -> str:
    """Write a workbook with features at random and return the sheet with the addresses."""
    macros, picture = path.with_name("vbaProject.bin"), path.with_name("dot.png")
    macros.write_bytes(chosen.randbytes(99))
    picture.write_bytes(DOT)
    given = {"in_memory": True, "strings_to_urls": False, "date_1904": seldom(chosen)}
    book = xlsxwriter.Workbook(path.with_suffix(".xlsm" if seldom(chosen) else ".xlsx"), given)
    if book.filename.suffix == ".xlsm":
        book.add_vba_project(str(macros))
    forms = [None, *(book.add_format(styled(chosen, kind)) for kind in NUMBERS)]
    sheets = [book.add_worksheet(f"表{n}") for n in range(chosen.randint(2, 5))]
    page = chosen.choice(sheets)
    book.define_name("region", "=表0!$A$1:$B$3")
    book.define_name("表1!here", "=表1!$A$1")
    book.set_custom_property("客户", "甲")
    for sheet in sheets:
        fill_sheet(sheet, chosen, forms, "地址" if sheet is page else "电话", picture)
    book.add_worksheet("empty")
    if seldom(chosen):
        chart = book.add_chart({"type": "pie"})
        chart.add_series({"values": "=表0!$A$1:$A$3"})
        book.add_chartsheet("图").set_chart(chart)
    book.close()
    Path(book.filename).replace(path)
    macros.unlink()
    picture.unlink()
    return str(page.get_name())


def seldom(chosen: random.Random) -> bool:
    return chosen.random() < 0.3


def styled(chosen: random.Random, number: str) -> dict[str, Any]:
    more = {"bold": True, "font_color": "red", "border": 2, "locked": False, "hidden": True, "rotation": 30,
            "text_wrap": True, "indent": 1, "font_name": "宋体", "pattern": 3, "quote_prefix": True}  # fmt: skip
    return {"num_format": number} | dict(chosen.sample(sorted(more.items()), 3))


def fill_sheet(page: Any, chosen: random.Random, forms: list[Any], address: str, picture: Path) -> None:
    """Write a header, rows of all kinds of cells, and what lies over, beside and behind them."""
    columns = [c if c != "地址" else address for c in names(chosen)]
    columns += [f"w{n}" for n in range(chosen.choice([0, 0, 0, 300]))]
    page.write_row(0, 0, columns)
    rows = chosen.randint(0, 15)
    for row in range(1, rows + 1):
        for column in range(len(columns)):
            write_any(page, row, column, chosen, chosen.choice(forms))
        if seldom(chosen):
            page.set_row(row, chosen.randint(9, 40), chosen.choice(forms), {"hidden": True, "level": 1})
    at = rows + 1
    features = [
        lambda: page.write_comment(at // 2, 0, "旁注", {"author": "甲", "visible": True}),
        lambda: page.insert_image(1, 1, str(picture), {"url": "https://x.y"}),
        lambda: page.insert_textbox(2, 2, "框"),
        lambda: page.data_validation(1, 0, at, 0, {"validate": "list", "source": ["甲", "乙"]}),
        lambda: page.protect("secret", {"format_cells": True}),
        lambda: page.freeze_panes(1, 1),
        lambda: page.add_sparkline(0, 20, {"range": f"{page.get_name()}!A1:A3"}),
        lambda: page.set_background(str(picture)),
        lambda: page.set_header("&C&G", {"image_center": str(picture)}),
        lambda: page.print_area(0, 0, at, 3),
        lambda: page.repeat_rows(0),
        lambda: page.ignore_errors({"number_stored_as_text": "A1:XFD1048576"}),
        lambda: page.set_column(1, 1, 40, chosen.choice(forms), {"hidden": True}),
        lambda: page.set_h_pagebreaks([2, 5]),
        lambda: page.set_tab_color("red"),
        lambda: page.write_url(at + 1, 0, "internal:表0!A1", string="碑林区1号"),
        lambda: page.write_url(at + 2, 0, "https://a.b/?c=1&d=2", string="鼓楼区1号", tip="t"),
        lambda: page.merge_range(at + 3, 0, at + 4, 2, "并"),
        lambda: page.write_array_formula(at + 5, 0, at + 6, 0, "{=A1:A2}"),
        lambda: page.write_dynamic_array_formula(at + 7, 0, at + 7, 0, "=UNIQUE(A1:A3)"),
        lambda: page.conditional_format(1, 0, at, 2, chosen.choice(RULES)),
        lambda: page.add_table(at + 9, 0, at + 11, 1, {"name": f"表格{page.index}"}),
        lambda: page.insert_checkbox(at + 12, 0, True),
    ]  # fmt: skip
    for feature in chosen.sample(features, chosen.randint(0, len(features))):
        feature()


def write_any(page: Any, row: int, column: int, chosen: random.Random, form: Any) -> None:
    kind = chosen.randint(0, 5)
    if kind == 0:
        value = chosen.choice([1.5, "碑林区1号", "#DIV/0!", True])
        page.write_formula(row, column, chosen.choice(FORMULAS), form, value)
    elif kind == 1:
        when = [dt.date(1999, 12, 31), dt.time(23, 59, 59), dt.timedelta(days=400, seconds=1)]
        page.write_datetime(row, column, chosen.choice(when), form)
    else:
        write_cell(page, row, column, chosen, form)


@pytest.mark.parametrize("books", [15, pytest.param(200, marks=pytest.mark.long)])
def test_all_that_a_workbook_holds_comes_back(tmp_path, books):
    seen = set()
    for seed in range(books):
        for old in tmp_path.iterdir():
            old.unlink()
        path = tmp_path / "in.xlsx"
        check_book(path, random.Random(f"rich{seed}"), make_rich_book)
        seen |= {*zipfile.ZipFile(path).namelist()}
    parts = {"xl/vbaProject.bin", "xl/comments1.xml", "xl/media/image1.png", "xl/tables/table1.xml", "xl/metadata.xml"}
    assert parts <= seen


def test_a_workbook_with_macros_says_what_is_read(tmp_path):
    (tmp_path / "a.xlsm").touch()
    with pytest.raises(UsageError, match=r"a\.xlsm: \.xlsm is not read; expected csv, tsv, jsonl, parquet or xlsx"):
        open_table(tmp_path / "a.xlsm")
