"""Requests with and without keys, at any rate, and bodies that lie about their length."""

from __future__ import annotations

import socket

import httpx
import pytest

from buqi.errors import UsageError
from buqi.serve import ServiceSettings, create_app
from buqi.serve.keys import Keys
from tests.serve.conftest import post, running


def test_keys_and_rates(tmp_path, tuned):
    (tmp_path / "bad").write_text("me secret\n")
    with pytest.raises(UsageError, match="SHA-256"):
        Keys(tmp_path / "bad")
    with pytest.raises(UsageError, match="no such file"):  # at the start, not at the first request
        create_app(ServiceSettings(data=tmp_path / "data", keys=tmp_path / "none"))
    one, other = (Keys.new(tmp_path / "keys", name) for name in ("one", "other"))
    assert one not in (tmp_path / "keys").read_text() and (tmp_path / "keys").stat().st_mode & 0o777 == 0o600
    settings = ServiceSettings(data=tmp_path / "data", keys=tmp_path / "keys", rate=2, burst=10, jobs=1)
    with running(settings) as (url, _), httpx.Client(base_url=url) as client:
        assert client.get("/healthz").status_code == 200 and client.get("/").status_code == 200
        for headers in ({}, {"Authorization": "Bearer x"}, {"Authorization": one}, {"X-API-Key": "é"}):
            data = {k.encode(): v.encode() for k, v in headers.items()}
            reply = client.post("/v1/complete", json={"text": "a"}, headers=list(data.items()))
            assert reply.status_code == 401 and reply.json()["error"]["code"] == "invalid_api_key"
        mine, theirs = {"Authorization": f"Bearer {one}"}, {"X-API-Key": other}
        job = client.post("/v1/jobs", files={"file": ("a.csv", b"address\nx\n")}, headers=mine).json()["id"]
        assert client.get(f"/v1/jobs/{job}", headers=theirs).status_code == 404, "jobs belong to a key"
        assert client.delete(f"/v1/jobs/{job}", headers=theirs).status_code == 404
        full = client.post("/v1/jobs", files={"file": ("a.csv", b"address\nx\n")}, headers=mine)
        assert full.status_code == 429 and full.json()["error"]["code"] == "too_many_jobs"
        statuses = [client.post("/v1/complete", json={"text": "a"}, headers=mine).status_code for _ in range(20)]
        assert 200 in statuses and statuses[-1] == 429
        reply = client.post("/v1/complete", json={"text": "a"}, headers=mine)
        assert int(reply.headers["retry-after"]) >= 1
        figures = client.get("/metrics", headers=theirs).text
        assert f'buqi_refused_total{{why="rate"}} {statuses.count(429) + 1}.0' in figures
        assert 'buqi_refused_total{why="busy"} 1.0' in figures, "the job that was too many"
        assert client.post("/v1/complete", json={"text": "a"}, headers=theirs).status_code == 200


def test_a_body_that_lies_about_its_length(client, served):
    def stream():
        for _ in range(200):
            yield b"a" * 1000

    assert post(client, "/v1/complete", content=stream(), headers={"Content-Type": "application/json"}) == 413
    host, port = served[0].removeprefix("http://").split(":")
    for length, expected in ((b"1000000000", b"413"), (b"-5", b"400"), (b"abc", b"400")):
        with socket.create_connection((host, int(port)), timeout=10) as raw:
            raw.sendall(b"POST /v1/complete HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + length + b"\r\n\r\n")
            assert expected in raw.recv(1000).split(b"\r\n")[0]
