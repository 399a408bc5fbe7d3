"""What a job holds can be read by its owner alone, and is gone when the job is deleted."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import httpx

from buqi.serve import ServiceSettings
from tests.serve.conftest import running, upload, wait_for
from tests.torture.conftest import connect

SECRET = "碑林区机密路31415号"


def modes(folder: Path) -> dict[str, str]:
    return {str(p): oct(p.stat().st_mode & 0o777) for p in [folder, *folder.rglob("*")]
            if p.stat().st_mode & 0o777 != (0o700 if p.is_dir() else 0o600)}  # fmt: skip


def holding(folder: Path, text: str) -> list[Path]:
    """Return the files below ``folder`` that hold a text."""
    needles = [text.encode(), text.encode("utf-16-le"), json.dumps(text).strip('"').encode(), text[:8].encode()]
    return [p for p in folder.rglob("*") if p.is_file() and any(n in p.read_bytes() for n in needles)]


def test_only_the_owner_reads_and_what_is_deleted_is_gone(tmp_path, monkeypatch):
    monkeypatch.setenv("BUQI_CACHE", str(tmp_path / "cache"))
    before = os.umask(0o022)
    try:
        with running(ServiceSettings(data=tmp_path / "data")) as (url, service), httpx.Client(base_url=url) as client:
            jobs = [upload(client, f"{SECRET}.csv", f"address\n{SECRET}\n".encode()).json()["id"] for _ in range(2)]
            jobs += [upload(client, f"{SECRET}.jsonl", f'{{"address": "{SECRET}"}}\n'.encode()).json()["id"]]
            jobs += [upload(client, f"{SECRET}.csv", f"{SECRET},b\n1,2\n".encode()).json()["id"]]  # fails, and says why
            assert [wait_for(client, job)["status"] for job in jobs] == ["done", "done", "done", "failed"]
            assert modes(service.jobs.folder) == {}
            assert holding(tmp_path, SECRET), "while the jobs are there"
            for job in jobs:
                assert client.delete(f"/v1/jobs/{job}").status_code == 204
            assert holding(tmp_path, SECRET) == []
            assert [p.name for p in service.jobs.folder.iterdir() if p.is_dir()] == []
        assert holding(tmp_path, SECRET) == []
    finally:
        os.umask(before)


def test_a_job_deleted_while_it_runs_and_an_upload_cut_off_leave_nothing(tmp_path):
    with running(ServiceSettings(data=tmp_path / "data")) as (url, service), httpx.Client(base_url=url) as client:
        rows = "".join(f"{SECRET}{n}\n" for n in range(30_000))
        job = upload(client, "a.csv", f"address\n{rows}".encode()).json()["id"]
        while client.get(f"/v1/jobs/{job}").json()["rows"] == 0:
            time.sleep(0.02)
        assert client.delete(f"/v1/jobs/{job}").status_code == 204
        with connect(url) as raw:
            head = b"POST /v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=x\r\n"
            form = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
            raw.sendall(head + b"Content-Length: 900000\r\n\r\n" + form + SECRET.encode() * 1000)
        time.sleep(0.5)
        assert holding(tmp_path, SECRET) == [] and [p for p in service.jobs.folder.iterdir() if p.is_dir()] == []
    stray = tmp_path / "data" / "jobs" / ("0" * 24)
    stray.mkdir()
    (stray / "in.csv").write_text(SECRET)
    with running(ServiceSettings(data=tmp_path / "data")):
        assert not stray.exists(), "an upload of a service that was killed"
