"""Levels that stand in columns of their own: read as one address, and contradicted by column."""

from __future__ import annotations

import sqlite3

import pandas
import polars as pl
import pytest

import buqi
from buqi.answering import AnswerOptions
from buqi.bulk import Job, run_job
from buqi.bulk.fields import ADDED
from buqi.bulk.level_columns import BESIDE, AddressColumns, name_in_cell
from buqi.errors import UsageError

NAMES = ["客户", "省", "市", "区", "街道", "详细地址"]
ROWS = [
    ["甲", "陕西", "西安", "碑林区", "", "长乐路1号"],
    ["乙", "", "", "余杭区", "", "文一西路969号"],
    ["丙", "浙江省", "西安市", "碑林区", "", "长乐路1号"],
    ["丁", "陕西省", "宝鸡市", "扶风县", "法门镇", "陕西省宝鸡市扶风县法门镇法门寺"],
    ["戊", "北京市", "市辖区", "朝阳", None, "建国路88号"],
    ["己", None, None, None, None, None],
    ["庚", "61", "610100", "610103", "", "长乐路2号"],
    ["辛", "陕西省", "西安市", "户县", "", "人民路1号"],
    ["壬", "吉林", "吉林", "船营", "", "北京路1号"],
]
FULL = [
    "陕西省西安市碑林区长乐路1号",
    "浙江省杭州市余杭区文一西路969号",
    "陕西省西安市碑林区长乐路1号",
    "陕西省宝鸡市扶风县法门镇法门寺",
    "北京市朝阳区建国路88号",
    "",
    "陕西省西安市碑林区长乐路2号",
    "陕西省西安市鄠邑区人民路1号",
    "吉林省吉林市船营区北京路1号",
]


@pytest.fixture(autouse=True)
def _no_memory(tmp_path, monkeypatch):
    monkeypatch.setenv("BUQI_PLACES", str(tmp_path / "none"))
    monkeypatch.setenv("BUQI_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def frame() -> pl.DataFrame:
    return pl.DataFrame(ROWS, schema=dict.fromkeys(NAMES, pl.String), orient="row")


@pytest.mark.parametrize(
    ("cell", "level", "meant"),
    [
        ("陕西", "province", "陕西省"), ("吉林", "province", "吉林省"), ("吉林", "city", "吉林市"),
        ("船营", "county", "船营区"), ("朝阳", "county", "朝阳"),
        (61, "province", "陕西省"), (610100.0, "city", "西安市"), ("999999", "county", ""), ("市辖区", "city", ""),
        ("上海", "city", "上海市"), (None, "town", ""), ("火星市", "city", "火星市"), (12, "detail", "12"),
    ],
)  # fmt: skip
def test_a_column_says_the_level_of_its_names(cell, level, meant):
    assert name_in_cell(cell, level) == meant


def test_a_frame_of_levels(frame):
    found = buqi.complete(frame)
    assert found["full"].to_list() == FULL
    assert found.columns == [*NAMES, *ADDED]
    notes = found["notes"].to_list()
    assert notes[2] == "省 浙江省: contradicts 陕西省" and notes[5] == "empty cell"
    assert "contradicts" not in "".join(notes[:2] + notes[3:])
    other = buqi.complete(pandas.DataFrame(ROWS, columns=NAMES, index=range(5, 14)), "省,市,区,街道,详细地址")
    assert other["full"].tolist() == FULL and other.index.tolist() == list(range(5, 14))


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet", "xlsx"])
def test_a_file_of_levels(frame, tmp_path, kind):
    write = {"csv": "write_csv", "jsonl": "write_ndjson", "parquet": "write_parquet", "xlsx": "write_excel"}[kind]
    getattr(frame, write)(tmp_path / f"in.{kind}")
    summary = run_job(Job(tmp_path / f"in.{kind}", tmp_path / f"out.{kind}", column="省,市,区,街道,详细地址"))
    read = {"csv": "read_csv", "jsonl": "read_ndjson", "parquet": "read_parquet", "xlsx": "read_excel"}[kind]
    found = getattr(pl, read)(tmp_path / f"out.{kind}")
    assert [text or "" for text in found["full"].to_list()] == FULL
    assert "省 浙江省: contradicts 陕西省" in found["notes"].to_list()
    assert summary.rows == 9 and summary.status["unknown"] == 1
    found = run_job(Job(tmp_path / f"in.{kind}", tmp_path / f"again.{kind}"))
    assert "addresses in column 省,市,区,街道,详细地址" in found.guesses


def test_a_cell_below_the_answer_is_noted_with_its_column():
    frame = pl.DataFrame([["陕西省", "宝鸡市", "碑林区", "", "长乐路1号"]], schema=NAMES[1:], orient="row")
    done = buqi.complete(frame).row(0, named=True)
    assert done["notes"] == "区 碑林区: contradicts 宝鸡市" and done["full"] == "陕西省宝鸡市长乐路1号"


def test_a_query_of_levels(frame, tmp_path):
    from buqi.bulk.sql import SqlJob, run_sql

    with sqlite3.connect(tmp_path / "a.db") as db:
        db.execute("CREATE TABLE c (客户, 省, 市, 区, 街道, 详细地址)")
        db.executemany("INSERT INTO c VALUES (?,?,?,?,?,?)", ROWS)
    run_sql(SqlJob(f"sqlite:///{tmp_path}/a.db", "SELECT * FROM c ORDER BY rowid", "done"))
    with sqlite3.connect(tmp_path / "a.db") as db:
        assert [row[0] for row in db.execute('SELECT "full" FROM done ORDER BY buqi_row')] == FULL


def test_one_column_is_taken_as_it_is():
    one = AddressColumns({"x": "detail"})
    assert one.texts({"x": ["碑林区1号", None]}) == [("碑林区1号", ""), ("", "empty cell")]
    assert one.with_contradictions({"x": ["a"]}, [["b"]], ["full"]) == [["b"]]


FILLED = [
    ["甲", "陕西", "西安", "碑林区", None, "长乐路1号"],
    ["乙", "浙江省", "杭州市", "余杭区", None, "文一西路969号"],
    *[[cell or None for cell in row] for row in ROWS[2:]],
]


def test_only_empty_cells_of_a_frame_are_filled(frame):
    found = buqi.complete(frame, fill=True)
    assert found.columns == [*NAMES, *BESIDE]
    assert [[cell or None for cell in row] for row in found.select(NAMES).rows()] == FILLED
    other = buqi.complete(pandas.DataFrame(ROWS, columns=NAMES), fill=True)
    rows = other[NAMES].to_numpy().tolist()
    assert [[cell if isinstance(cell, str) and cell else None for cell in row] for row in rows] == FILLED
    with pytest.raises(UsageError, match=r"^fill: no column holds a level"):
        buqi.complete(frame, "详细地址", fill=True)
    with pytest.raises(UsageError, match="only for a DataFrame"):
        buqi.complete("碑林区", fill=True)


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet", "xlsx"])
def test_only_empty_cells_of_a_file_are_filled(frame, tmp_path, kind):
    write = {"csv": "write_csv", "jsonl": "write_ndjson", "parquet": "write_parquet", "xlsx": "write_excel"}[kind]
    getattr(frame, write)(tmp_path / f"in.{kind}")
    run_job(Job(tmp_path / f"in.{kind}", tmp_path / f"out.{kind}", fill=True))
    read = {"csv": "read_csv", "jsonl": "read_ndjson", "parquet": "read_parquet", "xlsx": "read_excel"}[kind]
    more = {"infer_schema": False} if kind == "csv" else {}
    found = getattr(pl, read)(tmp_path / f"out.{kind}", **more)
    assert found.columns == [*NAMES, *BESIDE]
    assert [[cell or None for cell in row] for row in found.select(NAMES).rows()] == FILLED
    assert found["notes"].to_list()[2] == "省 浙江省: contradicts 陕西省"
    with pytest.raises(UsageError, match="--fill: no column holds a level"):
        run_job(Job(tmp_path / f"in.{kind}", tmp_path / f"more.{kind}", column="详细地址", fill=True))


@pytest.mark.parametrize("kind", ["dictionary<values=string, indices=int8, ordered=0>", "large_string", "string_view"])
def test_text_of_any_kind_is_filled_in_parquet(frame, tmp_path, kind):
    import pyarrow as pa
    import pyarrow.parquet as pq

    kinds = {"large_string": pa.large_string(), "string_view": pa.string_view()}
    wanted = kinds.get(kind, pa.dictionary(pa.int8(), pa.string()))
    table = pa.table({name: pa.array(frame[name].to_list(), pa.string()).cast(wanted) for name in NAMES})
    pq.write_table(table, tmp_path / "in.parquet")
    assert str(pq.read_schema(tmp_path / "in.parquet").field(NAMES[0]).type) == kind
    run_job(Job(tmp_path / "in.parquet", tmp_path / "out.parquet", fill=True))
    found = pq.read_table(tmp_path / "out.parquet").select(NAMES)
    assert {str(field.type) for field in found.schema} == {kind}
    assert [[row[name] or None for name in NAMES] for row in found.to_pylist()] == FILLED


def test_only_empty_cells_of_a_query_are_filled(tmp_path):
    from buqi.bulk.sql import SqlJob, run_sql

    with sqlite3.connect(tmp_path / "a.db") as db:
        db.execute("CREATE TABLE c (客户, 省, 市, 区, 街道, 详细地址)")
        db.executemany("INSERT INTO c VALUES (?,?,?,?,?,?)", ROWS)
    summary = run_sql(SqlJob(f"sqlite:///{tmp_path}/a.db", "SELECT * FROM c ORDER BY rowid", "done", fill=True))
    with sqlite3.connect(tmp_path / "a.db") as db:
        found = db.execute(f"SELECT {','.join(NAMES)} FROM done ORDER BY buqi_row").fetchall()
    assert [[cell or None for cell in row] for row in found] == FILLED and summary.status["unknown"] == 1


def test_a_contact_has_columns_where_cells_are_filled(tmp_path):
    path = tmp_path / "in.csv"
    path.write_text("省,区,地址\n,余杭区,王小明 18291234567 文一西路969号\n", encoding="utf-8")
    run_job(Job(path, tmp_path / "out.csv", options=AnswerOptions(contact=True), fill=True))
    (row,) = pl.read_csv(tmp_path / "out.csv", infer_schema=False).to_dicts()
    assert (row["省"], row["name"], row["phone"]) == ("浙江省", "王小明", "18291234567")
    assert list(row) == ["省", "区", "地址", *BESIDE, "name", "phone", "postcode"]
