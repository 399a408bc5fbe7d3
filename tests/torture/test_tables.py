"""Files to complete: killed at random moments, and with bytes of them changed."""

from __future__ import annotations

import gzip
import random
import subprocess
import sys
from collections import Counter
from pathlib import Path

import polars as pl
import pytest

from buqi.bulk.tables import open_table
from buqi.errors import UsageError

# Each life is a fork of a process that has read its modules already, so that it is killed while it works.
KILLS = """
import os, random, signal, sys, time
from pathlib import Path
import pyarrow.parquet
from buqi.answering import AnswerOptions
from buqi.bulk import Job, run_job
from buqi.divisions import load_matcher

load_matcher()
source, target, whole, kills = Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4])
rng, killed = random.Random(5), 0

def life(out, resume):
    child = os.fork()
    if child == 0:
        run_job(Job(source, out, options=AnswerOptions("match"), workers=1, piece=20), resume, overwrite=True)
        os._exit(0)
    return child

for _ in range(2):  # the second is as fast as those after it
    started = time.monotonic()
    assert os.waitpid(life(whole, False), 0)[1] == 0
    usual = time.monotonic() - started
while killed < kills:
    child = life(target, True)
    time.sleep(rng.uniform(0, 0.5 * usual))
    os.kill(child, signal.SIGKILL)
    ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert ended in (0, -9), ended
    killed += 1
assert os.waitpid(life(target, True), 0)[1] == 0
assert target.read_bytes() == whole.read_bytes()
"""
KINDS = ["csv", "csv.gz", "jsonl", "parquet", "xlsx"]


def made(folder: Path, kind: str, rows: int) -> Path:
    frame, path = pl.DataFrame({"地址": [f"碑林区{i}号" for i in range(rows)], "n": range(rows)}), folder / f"in.{kind}"
    if kind == "csv.gz":
        path.write_bytes(gzip.compress(frame.write_csv().encode()))
    else:
        write = {"csv": frame.write_csv, "jsonl": frame.write_ndjson, "parquet": frame.write_parquet}
        (write | {"xlsx": frame.write_excel})[kind](path)
    return path


@pytest.mark.long
@pytest.mark.parametrize("kind", KINDS)
def test_a_file_killed_often_ends_as_one_that_was_not(tmp_path, kind):
    source, kills = made(tmp_path, kind, 2000), 12
    (tmp_path / "out").mkdir()
    arguments = [str(source), str(tmp_path / "out" / f"out.{kind}"), str(tmp_path / f"whole.{kind}"), str(kills)]
    run = subprocess.run([sys.executable, "-c", KILLS, *arguments], capture_output=True, text=True, timeout=300)
    assert run.returncode == 0, run.stderr[-2000:]
    print(f"{kind}: {kills} kills, the same bytes")
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == [f"out.{kind}", f"out.{kind}.review.csv"]


def read_and_written(path: Path) -> None:
    table = open_table(path, added=("full", "notes"))
    parts: list[Path] = []
    for piece in table.pieces(20, table.columns[:1]):
        parts.append(path.with_name(f"{len(parts):04}.part"))
        table.write(parts[-1], piece, [["x", ""]] * len(piece), safe=False)
    table.join(parts, path.with_name(f"out{path.suffix}"), safe=False)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("tries", [25, pytest.param(600, marks=pytest.mark.long)])
def test_a_file_with_changed_bytes_is_read_or_refused(tmp_path, kind, tries):
    whole, chosen, found = made(tmp_path, kind, 50).read_bytes(), random.Random(kind), Counter()
    for number in range(tries):
        data = bytearray(whole)
        if number % 4 == 0:
            del data[chosen.randrange(len(data)) :]
        else:
            for _ in range(chosen.choice([1, 1, 3])):
                data[chosen.randrange(len(data))] = chosen.randrange(256)
        path = tmp_path / f"broken.{kind}"
        path.write_bytes(data)
        try:
            read_and_written(path)
            found["read"] += 1
        except UsageError as error:
            found["refused"] += str(error).startswith(str(path)) and "\n" not in str(error)
    print(f"{kind}: {dict(found)} of {tries} changed files")
    assert found.total() == tries
