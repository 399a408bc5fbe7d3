"""Files go through whole, whatever is in them and whatever stops the run."""

from __future__ import annotations

import csv
import gzip
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from buqi.answering import AnswerOptions
from buqi.bulk import ADDED, Job, Summary, run_job
from buqi.bulk import job as module
from buqi.bulk.job import StoppedError
from buqi.bulk.tables import open_table
from buqi.errors import BuqiError, UsageError
from buqi.places import learn
from tests.bulk.conftest import ADDRESSES, MATCH, TEXTS, adapter_options, many, read, write_csv, written


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


def test_places_may_be_text(tmp_path):
    source = write_csv(tmp_path / "in.csv", ADDRESSES)
    assert run_job(Job(str(source), str(tmp_path / "out.csv"), options=MATCH)).rows == 6
    assert len(read(tmp_path / "out.csv")) == 6


def test_auto_gives_confidence_and_keeps_what_it_weighed(tmp_path, cache):
    source = write_csv(tmp_path / "in.csv", [*ADDRESSES, "西安碑林友谊路"])
    run_job(Job(source, tmp_path / "one.csv"))
    run_job(Job(source, tmp_path / "two.csv"))
    assert (tmp_path / "one.csv").read_bytes() == (tmp_path / "two.csv").read_bytes()
    assert 0 < float(read(tmp_path / "one.csv")[6]["confidence"]) <= 1
    assert list((cache / "answers").glob("*.sqlite"))


def ended(group: int) -> bool:
    for _ in range(150):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.1)
    return False


@pytest.mark.parametrize("reached", [(4,), pytest.param((3, 8, 15), marks=pytest.mark.long)])
def test_killed_runs_go_on_and_end_in_the_same_bytes(tmp_path, reached):
    source = write_csv(tmp_path / "in.csv", many(6000))
    run_job(Job(source, tmp_path / "whole.csv", options=MATCH, piece=250))
    script = (
        "from pathlib import Path; from buqi.bulk import *; from buqi.bulk import job; job.SMALL = 0;"
        f"run_job(Job(Path({str(source)!r}), Path({str(tmp_path / 'out.csv')!r}), options=AnswerOptions('match'),"
        "piece=250, workers=2), resume=True)"
    )
    parts = tmp_path / "out.csv.parts"
    for wanted in reached:
        running = subprocess.Popen([sys.executable, "-c", script], start_new_session=True)
        deadline = time.monotonic() + 120
        while len(list(parts.glob("*.json"))) < wanted and running.poll() is None and time.monotonic() < deadline:
            time.sleep(0.005)
        workers = Path(f"/proc/{running.pid}/task/{running.pid}/children")
        assert not workers.exists() or len(workers.read_text().split()) >= 2, "workers answer"
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
    with pytest.raises(UsageError, match="is finished, nothing is left to resume"):
        run_job(Job(source, tmp_path / "out.csv", options=MATCH, piece=10), resume=True)


def test_finished_pieces_are_not_removed_unless_that_is_said(tmp_path):
    job = Job(write_csv(tmp_path / "in.csv", many(50)), tmp_path / "out.csv", options=MATCH, piece=10, workers=1)
    asked = iter([False] * 4 + [True])
    with pytest.raises(StoppedError):
        run_job(job, stopped=lambda: next(asked))
    kept = {path.name: path.read_bytes() for path in job.parts.iterdir()}
    with pytest.raises(UsageError, match="--resume goes on with them, --overwrite starts anew"):
        run_job(job)
    assert {path.name: path.read_bytes() for path in job.parts.iterdir()} == kept and len(kept) > 3
    assert run_job(job, overwrite=True).resumed_rows == 0 and len(read(job.target)) == 50


@pytest.mark.parametrize("overwrite", [False, True])
def test_the_input_is_never_the_result(tmp_path, overwrite):
    source = write_csv(tmp_path / "in.csv", ADDRESSES)
    before = source.read_bytes()
    (tmp_path / "link.csv").symlink_to(source)
    os.link(source, tmp_path / "hard.csv")
    os.link(source, tmp_path / "other.csv.review.csv")
    for name in ("in.csv", "link.csv", "hard.csv", "other.csv"):
        with pytest.raises(UsageError, match="is the file of --file, which stays as it is"):
            run_job(Job(source, tmp_path / name, options=MATCH), overwrite=overwrite)
    assert source.read_bytes() == before


@pytest.mark.parametrize("kind", ["csv.gz", "jsonl", "parquet", "xlsx"])
def test_every_kind_goes_on_to_the_same_bytes(tmp_path, kind):
    table = write_csv(tmp_path / "in.csv", many(60))
    frame, source = pl.read_csv(table), tmp_path / f"in.{kind}"
    if kind == "csv.gz":
        source.write_bytes(gzip.compress(table.read_bytes()))
    else:
        {"jsonl": frame.write_ndjson, "parquet": frame.write_parquet, "xlsx": frame.write_excel}[kind](source)
    whole, job = tmp_path / f"whole.{kind}", Job(source, tmp_path / f"out.{kind}", options=MATCH, piece=7, workers=1)
    run_job(replace(job, target=whole))
    for last in (4, 6):
        asked = iter([False] * last + [True])
        with pytest.raises(StoppedError):
            run_job(job, resume=True, stopped=lambda asked=asked: next(asked))
    assert run_job(job, resume=True).resumed_rows >= 14
    assert job.target.read_bytes() == whole.read_bytes()
    assert job.review.read_bytes() == (tmp_path / f"whole.{kind}.review.csv").read_bytes()


@pytest.mark.parametrize("when", ["open_table", "write_review"])
@pytest.mark.parametrize("kind", ["csv", "parquet", "xlsx"])
def test_a_file_that_changes_before_or_behind_its_rows_is_noticed(tmp_path, monkeypatch, kind, when):
    frame, source = pl.DataFrame({"地址": many(20)}), tmp_path / f"in.{kind}"
    write = {"csv": frame.write_csv, "parquet": frame.write_parquet, "xlsx": frame.write_excel}[kind]
    write(source)
    before = getattr(module, when)

    def then_changed(*given, **named):
        found = before(*given, **named)
        frame.reverse().write_parquet(tmp_path / "other")
        (tmp_path / "other").replace(source)
        return found

    monkeypatch.setattr(module, when, then_changed)
    with pytest.raises(BuqiError, match=f"in.{kind}"):
        run_job(Job(source, tmp_path / f"out.{kind}", options=MATCH, workers=1))
    assert not (tmp_path / f"out.{kind}").exists()


def test_a_file_that_changes_while_it_is_read_is_noticed(tmp_path):
    source = write_csv(tmp_path / "in.csv", many(20))

    def change(_: Summary) -> None:
        with source.open("a") as file:
            file.write("x,y,z\n")

    with pytest.raises(BuqiError, match="was changed while it was read"):
        run_job(Job(source, tmp_path / "out.csv", options=MATCH, piece=5), progress=change)
    assert not (tmp_path / "out.csv").exists()


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
    with pytest.raises(UsageError, match="is a folder; name a file in it"):
        run_job(Job(tmp_path, tmp_path / "o.csv"))
    for folder in (".", "/", "..", tmp_path):
        with pytest.raises(UsageError, match=r"--out .* is a folder; name a file in it"):
            run_job(Job(source, Path(folder)))
    (tmp_path / "x.csv").write_text("a,b\n1,2\n")
    with pytest.raises(UsageError, match="Name it with --column: a, b"):
        run_job(Job(tmp_path / "x.csv", tmp_path / "o.csv"))
    (tmp_path / "x.parquet").write_bytes(b"PAR1")
    with pytest.raises(UsageError, match="cannot be read"):
        open_table(tmp_path / "x.parquet")
    with pytest.raises(UsageError, match="no such file"):
        open_table(tmp_path / "none.csv")
    assert (tmp_path / "out.csv").read_text() == "mine"


def source(path: Path) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["n", "src"], *([i, text] for i, text in enumerate([*TEXTS, "", TEXTS[0]]))])
    return path


def test_a_table_of_another_task_is_answered_by_its_adapter(tiny, tuned, tmp_path, cache):
    job = Job(source(tmp_path / "in.csv"), tmp_path / "out.csv", options=adapter_options(tiny, tuned), piece=30)
    asked = iter([False, False, True])
    with pytest.raises(BuqiError, match="--resume goes on"):
        run_job(job, stopped=lambda: next(asked))
    summary = run_job(job, resume=True)
    rows = list(csv.DictReader((tmp_path / "out.csv").open(encoding="utf-8", newline="")))
    assert list(rows[0]) == ["n", "src", "answer", "status", "notes"] and len(rows) == 72
    assert [(r["answer"], r["status"]) for r in rows[:70]] == written(tiny, tuned, TEXTS)
    assert rows[70]["notes"] == "empty cell" and rows[71]["answer"] == rows[0]["answer"]
    assert summary.resumed_rows == 60 and sum(summary.status.values()) == 72
    assert list((cache / "answers").glob("*.sqlite"))


def test_addresses_written_by_a_model_have_levels(tiny, tmp_path, cache):
    (tmp_path / "in.csv").write_text("address\n碑林区1号\n", encoding="utf-8")
    run_job(Job(tmp_path / "in.csv", tmp_path / "out.csv", options=AnswerOptions("generate", model=str(tiny))))
    (row,) = csv.DictReader((tmp_path / "out.csv").open(encoding="utf-8", newline=""))
    assert {"province", "code", "confidence"} <= row.keys()


def test_a_resumed_job_takes_up_pieces_with_broken_bytes(tmp_path):
    (tmp_path / "in.csv").write_bytes("address\n碑林区1号\n".encode() + b"\xff\xfe\xe7\n" + "碑林区2号\n".encode())
    job, asked = Job(tmp_path / "in.csv", tmp_path / "out.csv", options=MATCH, piece=1), iter([False] * 2 + [True])
    with pytest.raises(BuqiError, match="--resume goes on"):
        run_job(replace(job, workers=0), stopped=lambda: next(asked))
    assert run_job(job, resume=True).resumed_rows == 2
    assert (tmp_path / "out.csv").read_bytes().count(b"\xff\xfe\xe7") == 2, "in its own column and in full"


def test_a_memory_that_learns_meanwhile_does_not_stop_a_job(tmp_path, monkeypatch):
    memory = tmp_path / "places"
    monkeypatch.setenv("BUQI_PLACES", str(memory))
    learn(["浙江省杭州市余杭区文一西路969号"], "old", memory, passes=None)
    (tmp_path / "in.csv").write_text("address\n" + "碑林区1号\n" * 20, encoding="utf-8")
    job = Job(tmp_path / "in.csv", tmp_path / "out.csv", options=AnswerOptions("auto"), workers=1, piece=5)
    before = job.options.version()

    def learning(summary):
        if summary.rows == 10:
            learn(["江苏省南京市鼓楼区中央路2号"], "new", memory, passes=None)
            assert job.options.version() != before

    assert run_job(job, progress=learning).rows == 20


def test_a_column_may_have_an_empty_name(tmp_path):
    (tmp_path / "in.csv").write_text('""\n碑林区1号\n', encoding="utf-8")
    run_job(Job(tmp_path / "in.csv", tmp_path / "out.csv", options=MATCH))
    assert read(tmp_path / "out.csv")[0]["county"] == "碑林区"


def test_a_review_file_is_not_replaced_unless_that_is_said(tmp_path):
    job = Job(write_csv(tmp_path / "in.csv", ADDRESSES), tmp_path / "out.csv", options=MATCH)
    job.review.write_text("my notes")
    with pytest.raises(UsageError, match=r"out\.csv\.review\.csv exists and would be replaced"):
        run_job(job)
    run_job(replace(job, review_below=0))
    assert job.review.read_text() == "my notes"
    run_job(job, overwrite=True)
    assert len(read(job.review, "utf-8-sig")) > 1


def test_a_stop_before_the_result_is_in_its_place_can_be_resumed(tmp_path, monkeypatch):
    job = Job(write_csv(tmp_path / "in.csv", ADDRESSES), tmp_path / "out.csv", options=MATCH)
    with monkeypatch.context() as patched:
        patched.setattr("buqi.bulk.job.write_review", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            run_job(job)
    assert run_job(job, resume=True).resumed_rows == len(ADDRESSES) and job.review.exists()
