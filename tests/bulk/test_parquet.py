"""Parquet keeps its types, whatever Python or polars make of them."""

from __future__ import annotations

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from buqi.bulk import Job, run_job
from buqi.bulk.parquet import Parquet
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


@pytest.mark.parametrize(("micros", "unit"), [([0, 10**15 + 1], "ns"), ([0, 253402300800000005, None], "us")])
def test_old_times_stay_as_exact_as_they_can_be(tmp_path, micros, unit):
    table = pa.table({"t": pa.array(micros, pa.timestamp("us")), "address": ["x"] * len(micros)})
    pq.write_table(table, tmp_path / "in.parquet", use_deprecated_int96_timestamps=True)
    found = Parquet(tmp_path / "in.parquet", ("full",))
    assert str(found.schema.field("t").type) == f"timestamp[{unit}]" and bool(found.guesses) == (unit == "us")
    (piece,) = found.pieces(9, ["address"])
    found.write(tmp_path / "part", piece, [["x"]] * len(micros), safe=False)
    found.join([tmp_path / "part"], tmp_path / "out.parquet", safe=False)
    assert pq.read_table(tmp_path / "out.parquet")["t"].cast(pa.timestamp("us")).cast("int64").to_pylist() == micros


def test_cells_that_python_has_no_value_for(tmp_path):
    raw = pa.array([b"\xe7\xa2", b"ok", None]).cast(pa.string(), safe=False)
    times = pa.array([253402300800 * 10**6, 5, None], pa.timestamp("us"))
    pq.write_table(pa.table({"地址": raw, "t": times, "n": times.cast("int64")}), tmp_path / "in.parquet")
    (piece,) = Parquet(tmp_path / "in.parquet", ("full",)).pieces(9, ["地址", "t"])
    assert piece.cells["地址"] == ["\udce7\udca2", "ok", None] and piece.cells["t"][0].startswith("10000-01-01")


def test_damage_is_one_sentence(tmp_path):
    pq.write_table(pa.table({"address": ["x" * 100] * 1000}), tmp_path / "in.parquet", compression="gzip")
    data = bytearray((tmp_path / "in.parquet").read_bytes())
    data[30:60] = bytes(30)
    (tmp_path / "in.parquet").write_bytes(data)
    with pytest.raises(UsageError, match=r"in\.parquet: cannot be read"):
        list(Parquet(tmp_path / "in.parquet").pieces(100, ["address"]))


def test_only_the_first_of_two_columns_of_a_name_is_filled(tmp_path):
    columns = [pa.array(["", "陕西省"]), pa.array(["甲", "乙"]), pa.array(["西安市"] * 2), pa.array(["碑林区"] * 2)]
    pq.write_table(pa.table(columns, names=["省", "省", "市", "区"]), tmp_path / "in.parquet")
    run_job(Job(tmp_path / "in.parquet", tmp_path / "out.parquet", "省,市,区", options=MATCH, fill=True))
    found = pq.ParquetFile(tmp_path / "out.parquet").read()
    assert [found.column(at).to_pylist() for at in (0, 1)] == [["陕西省"] * 2, ["甲", "乙"]]


@pytest.mark.parametrize(
    ("kind", "nested"),
    [
        (pa.list_(pa.timestamp("us")), lambda time: [time]),
        (pa.struct([("a", pa.large_list(pa.timestamp("us")))]), lambda time: {"a": [time, None]}),
        (pa.map_(pa.string(), pa.timestamp("us")), lambda time: [("k", time)]),
    ],
)
def test_old_times_inside_of_other_values_stay(tmp_path, kind, nested):
    times = pa.array([nested(253370764800000005), None], kind)
    table = pa.table({"t": times, "address": ["x", "y"]})
    pq.write_table(table, tmp_path / "in.parquet", use_deprecated_int96_timestamps=True)
    run_job(Job(tmp_path / "in.parquet", tmp_path / "out.parquet", options=MATCH))
    assert pq.ParquetFile(tmp_path / "out.parquet").read()["t"].cast(kind).to_pylist() == times.to_pylist()
