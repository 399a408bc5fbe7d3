"""Tables of any common kind as columns of text."""

from __future__ import annotations

import pytest

from buqi.errors import UsageError
from buqi.rows.cells import read_cells
from tests.helpers import ADDRESSES


@pytest.mark.parametrize("kind", ["csv", "tsv", "txt", "xlsx", "jsonl", "parquet"])
def test_every_kind_of_file(tmp_path, kind):
    polars = pytest.importorskip("polars")
    frame = polars.DataFrame({"no": range(8), "where": ADDRESSES})
    path = tmp_path / f"a.{kind}"
    if kind == "xlsx":
        frame.write_excel(path)
    elif kind == "parquet":
        frame.write_parquet(path)
    elif kind == "jsonl":
        frame.write_ndjson(path)
    elif kind == "txt":
        path.write_bytes("\r\n".join(ADDRESSES).encode("gbk"))
    else:
        path.write_bytes(frame.write_csv(separator="\t" if kind == "tsv" else ",").encode("gb18030"))
    columns = read_cells(path)
    assert columns["line" if kind == "txt" else "where"] == ADDRESSES


def test_sheets_are_asked_for(tmp_path):
    xlsxwriter = pytest.importorskip("xlsxwriter")
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        for name in ("one", "two"):
            book.add_worksheet(name).write_column(0, 0, ["where", *ADDRESSES])
    with pytest.raises(UsageError, match="--sheet: one, two"):
        read_cells(path)
    assert read_cells(path, "two") == {"where": ADDRESSES}


@pytest.mark.parametrize(
    ("name", "data"), [("a.parquet", b"x"), ("a.xlsx", b"PK\x03"), ("a.doc", b"x"), ("a.csv", b"")]
)
def test_what_cannot_be_read_is_said(tmp_path, name, data):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(UsageError, match=name):
        read_cells(tmp_path / name)
