"""Keys, rates and bodies that lie about their length."""

from __future__ import annotations

import socket
import time

import httpx
import pytest

from buqi.errors import UsageError
from buqi.serve import ServiceSettings, create_app
from buqi.serve.guard import Keys, Rate
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


def test_a_name_has_one_key(tmp_path):
    keys = tmp_path / "keys"
    first = Keys.new(keys, "shop")
    kept = keys.read_text()
    with pytest.raises(UsageError, match="has a key of this name; to replace it, delete its line"):
        Keys.new(keys, "shop")
    assert keys.read_text() == kept
    keys.write_text(kept.rstrip())  # as some editors leave it
    other = Keys.new(keys, "more")
    assert (Keys(keys).owner(first), Keys(keys).owner(other)) == ("shop", "more")
    keys.write_text(kept + kept)
    with pytest.raises(UsageError, match="keys:2: a second key of the name shop"):
        Keys(keys)


@pytest.mark.parametrize("digest", ["é" * 64, "g" * 64, "0" * 63, "0" * 65, " " + "0" * 63])
def test_what_is_no_hash_is_refused_when_it_is_read(tmp_path, digest):
    (tmp_path / "keys").write_text(f"me {digest}\n", encoding="utf-8")
    with pytest.raises(UsageError, match="keys:1: expected a name and a SHA-256 hash"):
        Keys(tmp_path / "keys")


def test_a_hash_may_be_in_capitals_and_a_name_is_no_comment(tmp_path):
    key = Keys.new(tmp_path / "keys", "me")
    name, digest = (tmp_path / "keys").read_text().split()
    (tmp_path / "keys").write_text(f"{name} {digest.upper()}\n")
    assert Keys(tmp_path / "keys").owner(key) == "me"
    with pytest.raises(UsageError, match="does not begin with #"):
        Keys.new(tmp_path / "keys", "#me")


def test_keys_change_while_the_service_runs(tmp_path, monkeypatch, caplog):
    path = tmp_path / "keys"
    first = Keys.new(path, "first")
    keys, clock = Keys(path), time.monotonic()
    monkeypatch.setattr("buqi.serve.guard.time.monotonic", lambda: clock)
    more = Keys.new(path, "more")
    assert keys.owner(more) is None, "it was just read"
    clock += 2
    assert (keys.owner(first), keys.owner(more)) == ("first", "more")
    path.write_text("\n".join(line for line in path.read_text().splitlines() if line.startswith("more")))
    clock += 2
    assert (keys.owner(first), keys.owner(more)) == (None, "more")
    for broken in (lambda: path.write_text("first secret"), path.unlink):
        broken()
        clock += 2
        assert keys.owner(more) == "more", "what was read before stays"
    assert len(caplog.records) == 2 and "the keys read before stay" in caplog.text


def test_a_bucket_fills_again():
    rate = Rate(100, 2)
    assert rate.wait("a") == rate.wait("a") == 0 and rate.wait("a") > 0
    time.sleep(0.02)
    assert rate.wait("a") == 0 and rate.wait("b") == 0


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
