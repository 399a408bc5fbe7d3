"""A disk that fills while the service works: no job is lost, nothing dies, and the service says what is the matter."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx
import polars as pl
import pytest

from buqi.answering import AnswerOptions
from buqi.serve import ServiceSettings, jobs, service
from buqi.serve.jobs import Jobs, UploadOptions
from buqi.serve.room import FULL
from tests.serve.conftest import TEXTS, free_port, running, upload, wait_for
from tests.torture.full_disk import Database, Disk, full

ROWS = [f"{TEXTS[0]}{n}" for n in range(5)]


def source(kind: str, folder: Path) -> bytes:
    frame, path = pl.DataFrame({"address": ROWS}), folder / f"source{kind}"
    write = {".csv": frame.write_csv, ".jsonl": frame.write_ndjson, ".parquet": frame.write_parquet}
    write[".xlsx"] = frame.write_excel
    write[kind](path)
    return path.read_bytes()


def until(condition: Any, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.01)


def worked(folder: Path, kind: str, data: bytes, left: int, patch: pytest.MonkeyPatch) -> tuple[Any, int, bytes]:
    """Do a job on a disk with room for ``left`` writes, make room once it is full; return what the job says of itself,
    how many writes failed, and what came out."""
    patch.setattr(jobs, "PIECE_ROWS", 2)
    found = Jobs(folder, AnswerOptions("match"), 5, 5)
    try:
        job, place = found.new_folder("")
        (place / f"in{kind}").write_bytes(data)
        found.add(job, "me", f"a{kind}", kind, UploadOptions())
        with patch.context() as inner:
            disk = Disk(folder, left, inner)
            found.store.db = Database(found.store.db, disk)  # type: ignore[assignment]
            found.start()
            until(lambda: disk.failed or found.get(job, "me")["status"] == "done")
            if disk.failed:
                until(lambda: found.trouble() == FULL)
                assert found.worker.alive and found.get(job, "me")["status"] in ("paused", "queued", "running", "done")
                disk.left = 10**6
            until(lambda: found.get(job, "me")["status"] not in ("queued", "running", "paused"))
            until(lambda: not found.trouble())
            assert not list(place.glob("in.*")) and not list(place.glob("*.parts")) and not (place / "answers").exists()
            return found.get(job, "me"), disk.failed, (place / f"out{kind}").read_bytes()
    finally:
        found.stop()


KINDS = [".csv", *(pytest.param(kind, marks=pytest.mark.long) for kind in (".jsonl", ".parquet", ".xlsx"))]


@pytest.mark.parametrize("kind", KINDS)
def test_room_for_any_number_of_writes(kind, tmp_path, monkeypatch):
    monkeypatch.setattr(jobs, "RETRY_SECONDS", 0.05)
    monkeypatch.setattr("buqi.serve.worker.FIRST_PAUSE", 0.02)
    data, left, whole = source(kind, tmp_path), 0, None
    for left in range(200):
        with monkeypatch.context() as patch:
            said, failed, result = worked(tmp_path / str(left), kind, data, left, patch)
        assert said["status"] == "done" and said["rows"] == len(ROWS) and said["error"] == ""
        if kind == ".xlsx":
            result = pl.read_excel(io.BytesIO(result)).write_csv().encode()
        whole = whole or result
        assert result == whole, f"after {left} writes"
        if not failed:
            break
    assert not failed and left > 5, "every write of the job has met a full disk"


def test_a_job_goes_on_after_a_restart_and_by_hand(tmp_path, monkeypatch):
    monkeypatch.setattr(jobs, "RETRY_SECONDS", 3600)
    data = tmp_path / "data"
    settings = ServiceSettings(data=data, answering=AnswerOptions("match"))
    with monkeypatch.context() as patch, running(settings) as (url, found), httpx.Client(base_url=url) as client:
        job = upload(client, "a.csv", b"address\nx\n").json()["id"]
        assert wait_for(client, job)["status"] == "done"
        assert client.post(f"/v1/jobs/{job}/resume").status_code == 409, "nothing to go on with"
        disk = Disk(data, 10**6, patch)
        first, second = (upload(client, "b.csv", f"address\n{TEXTS[0]}\n".encode()).json()["id"] for _ in range(2))
        assert {wait_for(client, j)["status"] for j in (first, second)} == {"done"}
        monkeypatch.setattr(found.jobs, "_others_wait", lambda owner: False)
        patch.setattr(found.jobs, "_next", lambda: None)  # not yet
        first, second = (upload(client, "b.csv", f"address\n{TEXTS[0]}\n".encode()).json()["id"] for _ in range(2))
        disk.left = 0
        patch.undo()
        disk = Disk(data, 0, patch)
        until(lambda: client.get(f"/v1/jobs/{first}").json()["status"] == "paused")
        assert client.get("/readyz").status_code == 503 and FULL in client.get("/readyz").text
        assert client.post("/v1/complete", json={"text": TEXTS[0]}).status_code == 200, "addresses need no disk"
        assert FULL in client.get(f"/v1/jobs/{first}").json()["error"]
        full = upload(client, "b.csv", b"address\nx\n")
        assert full.status_code == 507 and full.json()["error"]["code"] == "no_room"
        disk.left = 10**6
        assert client.post(f"/v1/jobs/{first}/resume").status_code == 200
        assert wait_done(client, first)["status"] == "done"
    with running(settings) as (url, _), httpx.Client(base_url=url) as client:
        assert wait_done(client, second)["status"] == "done", "after a restart, without a new upload"
        assert client.get("/readyz").status_code == 200


def wait_done(client: httpx.Client, job: str) -> dict[str, Any]:
    until(lambda: client.get(f"/v1/jobs/{job}").json()["status"] == "done")
    found: dict[str, Any] = client.get(f"/v1/jobs/{job}").json()
    return found


def test_uploads_and_the_database_without_room(tmp_path, monkeypatch):
    with running(ServiceSettings(data=tmp_path / "data")) as (url, found), httpx.Client(base_url=url) as client:
        done = upload(client, "a.csv", b"address\nx\n").json()["id"]
        assert wait_for(client, done)["status"] == "done"
        with monkeypatch.context() as patch:
            patch.setattr(tempfile.SpooledTemporaryFile, "write", full)
            assert upload(client, "a.csv", b"address\nx\n").status_code == 507, "forms lie on disk while they come"
        with monkeypatch.context() as patch:
            disk = Disk(tmp_path / "data", 0, patch)
            assert upload(client, "a.csv", b"address\nx\n").status_code == 507
            patch.setattr(found.jobs.store, "db", Database(found.jobs.store.db, disk))
            disk.left = 1  # for the file, not for the job
            assert upload(client, "a.csv", b"address\nx\n").status_code == 507
            assert client.delete(f"/v1/jobs/{done}").status_code == 507
            assert not found.jobs.job_folder(done).exists(), "its files are gone all the same: they make the room"
        assert [j["id"] for j in client.get("/v1/jobs").json()] == [done]
        assert client.delete(f"/v1/jobs/{done}").status_code == 204
        assert [p for p in found.jobs.folder.iterdir() if p.is_dir()] == []


class Panic(BaseException):
    """As polars' own: no `Exception`."""


def test_threads_that_die_are_started_again(tmp_path, monkeypatch):
    monkeypatch.setattr(service, "WATCH_SECONDS", 0.05)
    with running(ServiceSettings(data=tmp_path / "data")) as (url, found), httpx.Client(base_url=url) as client:
        with monkeypatch.context() as patch:
            patch.setattr("buqi.serve.jobs.run_job", _panic)
            job = upload(client, "a.csv", b"address\nx\n").json()["id"]
            failed = wait_for(client, job)
            assert failed["status"] == "failed" and failed["error"] == "unexpected Panic"
        assert client.post(f"/v1/jobs/{job}/resume").status_code == 200
        assert wait_for(client, job)["status"] == "done"
        with monkeypatch.context() as patch:
            patch.setattr(found.jobs.worker, "step", _panic)
            until(lambda: client.get("/readyz").status_code == 503)
        until(lambda: client.get("/readyz").status_code == 200)
        with monkeypatch.context() as patch:
            patch.setattr("buqi.serve.worker.log.error", _panic)  # the thread itself dies
            patch.setattr(found.jobs.worker, "step", _panic)
            until(lambda: client.get("/readyz").status_code == 503)
        until(lambda: client.get("/readyz").status_code == 200)
        assert wait_for(client, upload(client, "a.csv", b"address\nx\n").json()["id"])["status"] == "done"


def _panic(*_: Any, **__: Any) -> Any:
    raise Panic("native code")


def test_owners_take_turns(tmp_path, monkeypatch):
    monkeypatch.setattr(jobs, "TURN_SECONDS", 0.2)
    monkeypatch.setattr(jobs, "PIECE_ROWS", 20)
    found = Jobs(tmp_path, AnswerOptions("match"), 9, 9)
    try:
        ids = {}
        for name, owner, rows in (("long", "a", 20_000), ("next", "a", 5), ("short", "b", 5)):
            ids[name], place = found.new_folder("")
            (place / "in.csv").write_text("address\n" + "".join(f"{TEXTS[0]}{n}\n" for n in range(rows)))
            found.add(ids[name], owner, "a.csv", ".csv", UploadOptions())
        found.start()
        until(lambda: found.get(ids["short"], "b")["status"] == "done")
        assert found.get(ids["long"], "a")["status"] in ("queued", "running"), "it has not waited for it"
        until(lambda: found.get(ids["next"], "a")["status"] == "done", 120)
        assert found.get(ids["long"], "a")["rows"] == 20_000
    finally:
        found.stop()


@pytest.mark.long
@pytest.mark.skipif(shutil.which("unshare") is None, reason="no unshare: a small disk cannot be mounted")
def test_a_small_disk(tmp_path):
    (tmp_path / "disk").mkdir()
    port = free_port()
    mount = 'mount -t tmpfs -o size=8m disk "$0" && exec "$@"'
    command = ["unshare", "-Urm", "sh", "-c", mount, str(tmp_path / "disk"), sys.executable, "-m", "buqi", "serve"]
    command += ["--port", str(port), "--data", str(tmp_path / "disk" / "data")]
    cache = os.environ | {"BUQI_CACHE": str(tmp_path / "cache")}
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(command, stderr=log, env=cache)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
            until(lambda: process.poll() is not None or _answers(client), 120)
            if process.poll() is not None:
                pytest.skip("a small disk cannot be mounted here")
            rows = "".join(f"{TEXTS[0]}{n},{'x' * 400}\n" for n in range(4000))
            first, second = (upload(client, "a.csv", f"address,pad\n{rows}".encode()).json()["id"] for _ in range(2))
            assert wait_for(client, first, 120)["status"] == "done"
            until(lambda: client.get(f"/v1/jobs/{second}").json()["status"] in ("paused", "done"), 120)
            assert client.get(f"/v1/jobs/{second}").json()["status"] == "paused"
            assert client.get("/readyz").status_code == 503
            assert [upload(client, "a.csv", f"address,pad\n{rows * 2}".encode()).status_code] == [507]
            assert client.delete(f"/v1/jobs/{first}").status_code == 204
            until(lambda: client.get(f"/v1/jobs/{second}").json()["status"] == "done", 60)
            result = client.get(f"/v1/jobs/{second}/result").text
            assert result.count("\n") == 4001 and client.get("/readyz").status_code == 200
    finally:
        process.kill()
        process.wait()
    assert "Traceback" not in (tmp_path / "log").read_text()


def _answers(client: httpx.Client) -> bool:
    try:
        return client.get("/healthz").status_code == 200
    except httpx.HTTPError:
        return False
