"""Tables of any common kind as columns of text."""

from __future__ import annotations

import os
import time

import polars
import pytest
import xlsxwriter

from buqi.errors import UsageError
from buqi.rows.cells import cells_of, sheet_names
from buqi.rows.importing import import_rows_of
from tests.helpers import ADDRESSES


@pytest.mark.parametrize("kind", ["csv", "tsv", "txt", "xlsx", "jsonl", "ndjson", "parquet", "arrow", "feather"])
def test_every_kind_of_file(tmp_path, kind):
    frame = polars.DataFrame({"no": range(8), "where": ADDRESSES})
    path = tmp_path / f"a.{kind}"
    if kind == "xlsx":
        frame.write_excel(path)
    elif kind == "parquet":
        frame.write_parquet(path)
    elif kind in ("arrow", "feather"):
        frame.write_ipc_stream(path) if kind == "arrow" else frame.write_ipc(path)
    elif kind in ("jsonl", "ndjson"):
        frame.write_ndjson(path)
    elif kind == "txt":
        path.write_bytes("\r\n".join(ADDRESSES).encode("gbk"))
    else:
        path.write_bytes(frame.write_csv(separator="\t" if kind == "tsv" else ",").encode("gb18030"))
    columns = cells_of(path).columns
    assert columns["line" if kind == "txt" else "where"] == ADDRESSES


def test_sheets_are_asked_for(tmp_path):
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        for name in ("one", "two"):
            book.add_worksheet(name).write_column(0, 0, ["where", *ADDRESSES])
    with pytest.raises(UsageError, match="--sheet: one, two"):
        cells_of(path)
    assert cells_of(path, "two").columns == {"where": ADDRESSES}
    assert sheet_names(path) == ["one", "two"] and sheet_names(tmp_path / "a.csv") == []
    with pytest.raises(UsageError, match="--sheet three: .*a.xlsx has one, two"):
        cells_of(path, "three")


def test_a_sheet_that_holds_nothing_is_not_asked_for(tmp_path):
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("Sheet1")
        book.add_worksheet("订单").write_column(0, 0, ["where", *ADDRESSES])
        book.add_worksheet("Sheet3")
    assert cells_of(path).columns == {"where": ADDRESSES}
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("Sheet1")
        book.add_worksheet("Sheet2")
    with pytest.raises(UsageError, match="no rows in it"):
        cells_of(path)


@pytest.mark.parametrize(
    ("name", "data"), [("a.parquet", b"x"), ("a.xlsx", b"PK\x03"), ("a.doc", b"x"), ("a.csv", b"")]
)
def test_what_cannot_be_read_is_said(tmp_path, name, data):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(UsageError, match=name):
        cells_of(tmp_path / name)


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.csv", b'{"src": "q", "tgt": "a"}\n', "JSON stands in it; name it a.jsonl"),
        ("a.txt", b'[{"src": "q", "tgt": "a"}]', "JSON stands in it; name it a.jsonl"),
        ("a.csv", b"PK\x03\x04", "no text but a workbook"),
        ("a.zip", b"PK\x03\x04", "packed; unpack it"),
        ("a.parquet.gz", b"\x1f\x8b", "packed; unpack it"),
        ("a.arrow", b"x", "cannot be read as arrow"),
    ],
)
def test_what_a_file_holds_is_said_where_its_name_says_another(tmp_path, name, data, said):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(UsageError, match=said):
        cells_of(tmp_path / name)
    with pytest.raises(UsageError, match="a folder; name a file in it"):
        cells_of(tmp_path)


def test_sheets_have_the_lines_and_names_of_other_tables(tmp_path):
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        sheet = book.add_worksheet()
        for row, cells in enumerate(([], [], [" src ", "", "tgt"], ["q", "n", "a"], ["p", None, None])):
            sheet.write_row(row, 0, cells)
    cells = cells_of(tmp_path / "a.xlsx")
    assert cells.lines == [4, 5] and cells.columns == {"src": ["q", "p"], "column_2": ["n", ""], "tgt": ["a", ""]}
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        book.add_worksheet().write_row(0, 0, ["src", "src", "tgt"])
    with pytest.raises(UsageError, match="a.xlsx:1: two columns are named src"):
        cells_of(tmp_path / "a.xlsx")


@pytest.mark.parametrize(
    ("name", "text", "cells"),
    [
        ("a.csv", "src,tgt\nq,a,\n", ["q", "a"]),
        ("a.tsv", 'src\ttgt\n"q\ta\n', ['"q', "a"]),
        ("a.tsv", 'src\ttgt\n"q"\ta\n', ["q", "a"]),
    ],
)
def test_dividers_and_quotes(tmp_path, name, text, cells):
    (tmp_path / name).write_text(text)
    assert list(cells_of(tmp_path / name).columns.values()) == [[cell] for cell in cells]


def test_a_tsv_with_cells_in_quotes_is_not_guessed(tmp_path):
    (tmp_path / "a.tsv").write_text('src\ttgt\n"q"\ta\n"p\tb\n')
    with pytest.raises(UsageError, match=":3: a quote"):
        cells_of(tmp_path / "a.tsv")


def test_one_column_may_hold_commas(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text('地址\n碑林区,长乐坊1号\n"雁塔区,2号"\n莲湖区3号\n', encoding="utf-8")
    assert cells_of(path).columns == {"地址": ["碑林区,长乐坊1号", "雁塔区,2号", "莲湖区3号"]}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("地址,姓名\n碑林区,1号,甲\n", ":2: 3 cells, the header has 2; put a cell that holds ,"),
        ('a,b\n1,2\n"x,3\ny,4\n', ":3: a quote"),
        ('a,b\n"x" y,3\n', ":2: cannot be read as csv"),
        ("a,a\n1,2\n", ":1: two columns are named a"),
        ('a.jsonl\n{"x": 1}', "not JSON"),
    ],
)
def test_lines_that_do_not_fit_are_named(tmp_path, text, said):
    path = tmp_path / ("a.jsonl" if text.startswith("a.jsonl") else "a.csv")
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        cells_of(path)
    assert str(caught.value).count(f"{path}:") and said in str(caught.value)


def test_a_key_that_comes_late_is_a_column_too(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"a": 1}\n' * 300 + '{"b": [1, "省"]}\n', encoding="utf-8")
    columns = cells_of(path).columns
    assert columns["b"][-1] == '[1, "省"]' and columns["a"][:2] == ["1", "1"] and len(columns["b"]) == 301


def test_a_hundred_thousand_columns_are_read_at_once(tmp_path):
    names = [f"c{n}" for n in range(100_000)]
    (tmp_path / "a.csv").write_text(f"{','.join(names)}\n{','.join('1' * len(names))}\n")
    began = time.process_time()
    assert list(cells_of(tmp_path / "a.csv").columns) == names
    with pytest.raises(UsageError) as caught:
        import_rows_of(tmp_path / "a.csv", None, "src", "tgt")
    assert len(str(caught.value)) < 1000
    assert time.process_time() - began < 20


@pytest.mark.parametrize("name", ["a[1].parquet", "a*.parquet", "a?.parquet", "a[1].arrow", b"\xff.parquet"])
def test_a_name_is_no_pattern_of_other_files(tmp_path, name):
    path = tmp_path / (os.fsdecode(name) if isinstance(name, bytes) else name)
    for file, text in ((tmp_path / f"a1{path.suffix}", "other"), (path, "own")):
        frame = polars.DataFrame({"a": [text]})
        with file.open("wb") as target:
            (frame.write_parquet if path.suffix == ".parquet" else frame.write_ipc)(target)
    assert cells_of(path).columns == {"a": ["own"]}
