"""Jobs survive the service."""

from __future__ import annotations

import csv
import io
import os
import signal
import sqlite3
import subprocess
import sys
import time
import weakref

import httpx
import pytest

from buqi.answering import AddressAnswerer, AnswerOptions
from buqi.errors import BuqiError, UsageError
from buqi.serve.job_store import JOB_COLUMNS
from buqi.serve.jobs import Jobs, UploadOptions
from buqi.serve.problems import Problem
from buqi.serve.service import Service
from buqi.serve.settings import ServiceSettings
from tests.serve.conftest import TEXTS, free_port, upload, wait_for


def test_a_killed_service_finishes_its_job_after_the_restart(tmp_path):
    rows = "".join(f"{i},{TEXTS[0]}{i}\n" for i in range(20_000))
    port = free_port()
    command = [sys.executable, "-m", "buqi", "serve", "--port", str(port), "--data", str(tmp_path / "data")]
    base = f"http://127.0.0.1:{port}"

    def start() -> subprocess.Popen[bytes]:
        process = subprocess.Popen(command, stderr=subprocess.DEVNULL, env=os.environ | {"COLUMNS": "80"})
        for _ in range(600):
            try:
                if httpx.get(f"{base}/readyz").status_code == 200:
                    return process
            except httpx.HTTPError:
                time.sleep(0.1)
        raise AssertionError("the service did not start")

    process = start()
    with httpx.Client(base_url=base, timeout=60) as client:
        job = upload(client, "many.csv", f"id,address\n{rows}".encode()).json()["id"]
        while client.get(f"/v1/jobs/{job}").json()["rows"] < 2000:
            time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    process = start()
    try:
        with httpx.Client(base_url=base, timeout=60) as client:
            found = wait_for(client, job, 120)
            assert found["status"] == "done" and found["rows"] == 20_000
            result = list(csv.DictReader(io.StringIO(client.get(f"/v1/jobs/{job}/result").text)))
        assert [row["id"] for row in result] == [str(i) for i in range(20_000)]
        assert all(row["county"] == "碑林区" for row in result)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) in (0, -signal.SIGTERM)
    finally:
        process.kill()


def test_a_job_whose_message_holds_bytes_of_no_encoding_stops_no_other(tmp_path):
    jobs = Jobs(tmp_path, AnswerOptions("match"), most=5, each=5)
    ids = [jobs.new_folder("") for _ in range(2)]
    for (job, place), data in zip(ids, (b"id,\xff\x81ddress\n1,x\n", b"id,address\n1,x\n"), strict=True):
        (place / "in.csv").write_bytes(data)
        jobs.add(job, "", "a.csv", ".csv", UploadOptions("address"))
    jobs.start()
    try:
        for _ in range(400):
            ended = [jobs.get(job, "") for job, _ in ids]
            if ended[1]["status"] == "done":
                break
            time.sleep(0.05)
    finally:
        jobs.stop()
    assert [job["status"] for job in ended] == ["failed", "done"]
    assert "ddress" in ended[0]["error"] and ended[0]["error"].encode("utf-8")


def test_one_owner_leaves_room_for_others(tmp_path):
    jobs = Jobs(tmp_path, AnswerOptions("match"), most=5, each=3)
    try:
        (first, _), (second, _), (third, _) = (jobs.new_folder("a") for _ in range(3))
        jobs.add(first, "a", "a.csv", ".csv", UploadOptions())
        with pytest.raises(Problem, match="you have 3 jobs here, as many as a key may; delete") as refused:
            jobs.new_folder("a")
        assert refused.value.status == 429
        jobs.drop(second)
        assert not jobs.job_folder(second).exists()
        jobs.new_folder("a")
        for _ in range(2):
            jobs.new_folder("b")
        with pytest.raises(Problem, match="5 jobs are kept"):
            jobs.new_folder("c")
        jobs.delete(first, "a")
        jobs.drop(third)
        for _ in range(2):
            jobs.new_folder("")  # without keys
        with pytest.raises(Problem, match="5 jobs are kept"):
            jobs.new_folder("")
    finally:
        jobs.stop()


def test_jobs_of_an_older_version_go_on(tmp_path):
    older = ", ".join(f"{name} {kind}" for name, kind in JOB_COLUMNS.items() if name not in ("contact", "keycol"))
    with sqlite3.connect(tmp_path / "jobs.sqlite") as db:
        db.execute(f"CREATE TABLE jobs ({older})")
        db.execute("INSERT INTO jobs (id, owner, name, kind, status) VALUES ('a', '', 'x.csv', '.csv', 'queued')")
    db.close()
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "in.csv").write_text("address\n碑林区1号\n", encoding="utf-8")
    jobs = Jobs(tmp_path, AnswerOptions("match"), most=5, each=5)
    jobs.start()
    for _ in range(200):
        if jobs.get("a", "")["status"] == "done":
            break
        time.sleep(0.05)
    jobs.stop()
    assert "陕西省" in (tmp_path / "a" / "out.csv").read_text(encoding="utf-8")


def test_a_folder_that_cannot_be_used_is_told_before_anything_is_loaded(tmp_path, monkeypatch):
    monkeypatch.setattr("buqi.serve.service.AddressAnswerer", lambda _: pytest.fail("it was loaded first"))
    (tmp_path / "file").write_text("")
    with pytest.raises(BuqiError, match="its jobs cannot be opened"):
        Service(ServiceSettings(tmp_path / "file"))


def test_two_services_never_work_on_the_same_jobs(tmp_path):
    jobs = Jobs(tmp_path, AnswerOptions("match"), most=5, each=5)
    with pytest.raises(
        UsageError, match=r"another process uses it; .*a folder of jobs of its own \(buqi serve --data\)"
    ):
        Jobs(tmp_path, AnswerOptions("match"), most=5, each=5)
    jobs.stop()
    script = (
        "import os, signal, sys; from pathlib import Path; from buqi.answering import AnswerOptions\n"
        "from buqi.serve.jobs import Jobs\n"
        "jobs = Jobs(Path(sys.argv[1]), AnswerOptions('match'), most=5, each=5)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    assert subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=False).returncode == -signal.SIGKILL
    Jobs(tmp_path, AnswerOptions("match"), most=5, each=5).stop()


def test_what_answered_a_job_is_let_go(client, monkeypatch):
    made: list[weakref.ref] = []
    begin = AddressAnswerer.__init__

    def noted(self, *args, **kwargs):
        made.append(weakref.ref(self))
        begin(self, *args, **kwargs)

    monkeypatch.setattr(AddressAnswerer, "__init__", noted)
    job = upload(client, "a.csv", "地址\n扶风法门镇1号\n".encode()).json()["id"]
    wait_for(client, job)
    deadline = time.monotonic() + 10
    while any(answerer() for answerer in made) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert made and not any(answerer() for answerer in made)
    client.delete(f"/v1/jobs/{job}")
