"""Parquet and xlsx keep their types."""

from __future__ import annotations

import polars as pl
import pytest

from buqi.bulk import Job, run_job
from buqi.errors import UsageError
from tests.bulk.conftest import MATCH


def test_parquet_keeps_its_types(tmp_path):
    frame = pl.DataFrame({"n": [1, 2, None], "address": ["碑林区1号", None, "雁塔区2号"], "full": [1.5, 2.5, 3.5]})
    frame.write_parquet(tmp_path / "in.parquet")
    run_job(Job(tmp_path / "in.parquet", tmp_path / "out.parquet", options=MATCH, piece=2))
    out = pl.read_parquet(tmp_path / "out.parquet")
    assert out.select("n", "address", "full").equals(frame)
    assert out["buqi_full"].to_list()[2] == "陕西省西安市雁塔区2号" and out.schema["confidence"] == pl.Float64
    assert out["notes"].to_list()[1] == "empty cell"


def test_xlsx_with_sheets_dates_and_merged_cells(tmp_path):
    import datetime as dt

    import xlsxwriter

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


def test_cells_and_rows_without_content_are_no_trouble(tmp_path):
    """Formatted cells that hold nothing, where columns are added and between others, and a row without any."""
    xlsxwriter = pytest.importorskip("xlsxwriter")
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
