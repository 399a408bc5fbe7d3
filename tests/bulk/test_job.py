"""Files go through whole, whatever is in them and whatever stops the run."""

from __future__ import annotations

import csv
import gzip
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest

from buqi.answering import AnswerOptions
from buqi.bulk import ADDED, Job, run_job
from buqi.bulk.tables import open_table
from buqi.errors import BuqiError, UsageError

MATCH = AnswerOptions("match")
ADDRESSES = ["碑林区文昌路1号", "扶风法门镇法门寺", "余杭区文一西路969号", "鼓楼区1号", "nothing", "陕西省西安市"]


def many(count: int) -> list[str]:
    return [f"{ADDRESSES[i % 6]}{i}" for i in range(count)]


def write_csv(path: Path, texts: list[str]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["id", "地址", "备注"])
        writer.writerows([i, text, f"n{i}"] for i, text in enumerate(texts))
    return path


def read(path: Path, encoding: str = "utf-8") -> list[dict[str, str]]:
    with path.open(encoding=encoding, newline="", errors="surrogateescape") as file:
        return list(csv.DictReader(file))


def test_columns_are_added_and_the_rest_stays(tmp_path):
    source = write_csv(tmp_path / "in.csv", ADDRESSES)
    summary = run_job(Job(source, tmp_path / "out.csv", options=MATCH))
    rows = read(tmp_path / "out.csv")
    assert list(rows[0]) == ["id", "地址", "备注", *ADDED]
    assert [row["地址"] for row in rows] == ADDRESSES and [row["id"] for row in rows] == list("012345")
    assert rows[0]["full"] == "陕西省西安市碑林区文昌路1号" and rows[0]["code"] == "610103"
    assert rows[1]["town"] == "法门镇" and len(rows[1]["code"]) == 9
    assert rows[3]["status"] == "ambiguous" and "南京市" in rows[3]["alternatives"]
    assert rows[4]["status"] == "unknown" and rows[4]["full"] == "nothing"
    assert summary.rows == 6 and sum(summary.status.values()) == 6
    review = read(tmp_path / "out.csv.review.csv", "utf-8-sig")
    assert {row["input"] for row in review} >= {"鼓楼区1号", "nothing"} and len(review) == summary.to_review
    assert not (tmp_path / "out.csv.parts").exists()


def test_auto_gives_confidence_and_keeps_what_it_weighed(tmp_path, cache):
    source = write_csv(tmp_path / "in.csv", [*ADDRESSES, "西安碑林友谊路"])
    run_job(Job(source, tmp_path / "one.csv"))
    run_job(Job(source, tmp_path / "two.csv"))
    assert (tmp_path / "one.csv").read_bytes() == (tmp_path / "two.csv").read_bytes()
    assert 0 < float(read(tmp_path / "one.csv")[6]["confidence"]) <= 1
    assert list((cache / "answers").glob("*.sqlite"))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
def test_encodings_stay(tmp_path, encoding):
    text = "id,地址\r\n1,碑林区文昌路1号\r\n"
    (tmp_path / "in.csv").write_bytes(text.encode(encoding))
    run_job(Job(tmp_path / "in.csv", tmp_path / "out.csv", options=MATCH))
    out = (tmp_path / "out.csv").read_bytes().decode(encoding)
    assert out.startswith("id,地址,province") and "1,碑林区文昌路1号,陕西省,西安市,碑林区" in out
    assert out.count("\r\n") == 2


def test_broken_cells_come_through_with_a_note(tmp_path):
    lines = [
        b"id,address,note",
        b'1,"\xe7\xa2\x91\xe6\x9e\x97\xe5\x8c\xba\n\xe6\x96\x87\xe6\x98\x8c\xe8\xb7\xaf ""A"" 1\xe5\x8f\xb7",x',
        b"2,\xff\xfe\xe7,bad bytes",
        b"3,,empty",
        b"4," + "区".encode() * 40_000 + b",long",
        b"5",
        b"6,=cmd|' /C calc'!A0,formula,extra",
    ]
    (tmp_path / "in.csv").write_bytes(b"\n".join(lines) + b"\n")
    run_job(Job(tmp_path / "in.csv", tmp_path / "out.csv", options=MATCH))
    rows = read(tmp_path / "out.csv")
    assert [row["id"] for row in rows] == list("123456")
    assert rows[0]["county"] == "碑林区" and "\n" in rows[0]["address"] and '"A"' in rows[0]["address"]
    notes = [row["notes"] for row in rows]
    assert notes[1] == "not in the file's encoding" and notes[2] == "empty cell" and "longer than" in notes[3]
    assert notes[4] == "empty cell" and rows[5]["status"] == "unknown"
    assert b"\xff\xfe\xe7" in (tmp_path / "out.csv").read_bytes()
    assert len(rows[3]["address"]) == 40_000
    run_job(Job(tmp_path / "in.csv", tmp_path / "safe.csv", options=MATCH, safe=True))
    assert ",'=cmd" in (tmp_path / "safe.csv").read_text(errors="replace")


def test_jsonl_with_lines_that_are_none(tmp_path):
    lines = [
        '{"address": "碑林区1号", "n": 1.5}',
        "{broken",
        '{"address": 7}',
        '{"n": null}',
        '{"address": null}',
        "[1]",
    ]
    with gzip.open(tmp_path / "in.jsonl.gz", "wt", encoding="utf-8") as file:
        file.write("\n".join(lines))
    run_job(Job(tmp_path / "in.jsonl.gz", tmp_path / "out.jsonl.gz", options=MATCH))
    with gzip.open(tmp_path / "out.jsonl.gz", "rt", encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    assert len(rows) == 6 and rows[0]["county"] == "碑林区" and rows[0]["n"] == 1.5
    assert rows[1]["line"] == "{broken" and rows[1]["notes"] == "not a JSON object" and rows[5]["line"] == "[1]"
    assert rows[2]["notes"] == "a number, no address" and rows[3]["notes"] == rows[4]["notes"] == "empty cell"


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
    with pytest.raises(UsageError, match=r"2 sheets; name one with --sheet: 甲, 乙"):
        run_job(Job(tmp_path / "in.xlsx", tmp_path / "out.xlsx", options=MATCH))
    run_job(Job(tmp_path / "in.xlsx", tmp_path / "out.xlsx", sheet="甲", options=MATCH))
    out = pl.read_excel(tmp_path / "out.xlsx", infer_schema_length=None)
    assert out["county"].to_list()[0] == "碑林区" and out["notes"].to_list()[1] == "empty cell"
    assert "2024-05-01" in str(out["when"][0]) and out["地址"][2] == "=1+1"


def ended(group: int) -> bool:
    for _ in range(150):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.1)
    return False


def test_killed_runs_go_on_and_end_in_the_same_bytes(tmp_path):
    source = write_csv(tmp_path / "in.csv", many(6000))
    run_job(Job(source, tmp_path / "whole.csv", options=MATCH, piece=250))
    script = (
        "from pathlib import Path; from buqi.bulk import *;"
        f"run_job(Job(Path({str(source)!r}), Path({str(tmp_path / 'out.csv')!r}), options=AnswerOptions('match'),"
        "piece=250, workers=2), resume=True)"
    )
    parts = tmp_path / "out.csv.parts"
    for wanted in (3, 8, 15):
        running = subprocess.Popen([sys.executable, "-c", script], start_new_session=True)
        deadline = time.monotonic() + 120
        while len(list(parts.glob("*.json"))) < wanted and running.poll() is None and time.monotonic() < deadline:
            time.sleep(0.005)
        running.send_signal(signal.SIGKILL)
        running.wait()
        assert ended(running.pid), "workers see that their parent is gone"
    done = len(list(parts.glob("0*.json")))
    summary = run_job(Job(source, tmp_path / "out.csv", options=MATCH, piece=250), resume=True)
    assert done >= 3 and summary.resumed_rows == done * 250
    assert (tmp_path / "out.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()
    assert (tmp_path / "out.csv.review.csv").read_bytes() == (tmp_path / "whole.csv.review.csv").read_bytes()


def test_stopping_keeps_pieces_that_only_the_same_job_takes_up(tmp_path):
    source = write_csv(tmp_path / "in.csv", many(50))
    asked = iter([False, False, True])
    with pytest.raises(BuqiError, match="--resume goes on"):
        run_job(Job(source, tmp_path / "out.csv", options=MATCH, piece=10), stopped=lambda: next(asked))
    with pytest.raises(UsageError, match="pieces of another file"):
        run_job(Job(source, tmp_path / "out.csv", options=MATCH, piece=20), resume=True)
    run_job(Job(source, tmp_path / "out.csv", options=MATCH, piece=10), resume=True)
    assert len(read(tmp_path / "out.csv")) == 50


def test_refusals(tmp_path):
    source = write_csv(tmp_path / "in.csv", ADDRESSES)
    (tmp_path / "out.csv").write_text("mine")
    with pytest.raises(UsageError, match="exists"):
        run_job(Job(source, tmp_path / "out.csv"))
    with pytest.raises(UsageError, match="the columns are id, 地址, 备注"):
        run_job(Job(source, tmp_path / "o.csv", "nope"))
    with pytest.raises(UsageError, match=r"a .csv file"):
        run_job(Job(source, tmp_path / "o.parquet"))
    with pytest.raises(UsageError, match=r"a .csv file"):
        run_job(Job(source, tmp_path / "o.csv.gz"))
    (tmp_path / "x.csv").write_text("a,b\n1,2\n")
    with pytest.raises(UsageError, match="Name it with --column: a, b"):
        run_job(Job(tmp_path / "x.csv", tmp_path / "o.csv"))
    (tmp_path / "x.parquet").write_bytes(b"PAR1")
    with pytest.raises(UsageError, match="cannot be read"):
        open_table(tmp_path / "x.parquet")
    with pytest.raises(UsageError, match="no such file"):
        open_table(tmp_path / "none.csv")
    assert (tmp_path / "out.csv").read_text() == "mine"
