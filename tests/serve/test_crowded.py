"""Too many clients, slow ones and impatient ones: each is told so, and the service goes on."""

from __future__ import annotations

import json
import resource
import socket
import subprocess
import sys
import threading
import time

import httpx
import pytest

from buqi.errors import UsageError
from buqi.serve import ServiceSettings, create_app
from buqi.serve.batching import Batcher
from buqi.serve.guard import Keys, Rate
from buqi.serve.problems import Problem
from tests.serve.conftest import running

OPENS = """
import resource, socket, sys
host, port, many = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
resource.setrlimit(resource.RLIMIT_NOFILE, (many + 100, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
held = []
for n in range(many):
    raw = socket.create_connection((host, port), timeout=20)
    if n % 2:
        raw.sendall(b"POST /v1/complete HTTP/1.1\\r\\nHost: x\\r\\nContent-Le")
    held.append(raw)
print("open", flush=True)
sys.stdin.read()
"""


def test_ten_thousand_open_connections(served):
    host, port = served[0].removeprefix("http://").split(":")
    many = min(10_000, resource.getrlimit(resource.RLIMIT_NOFILE)[1] - 200)
    holder = subprocess.Popen(
        [sys.executable, "-c", OPENS, host, port, str(many)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        assert holder.stdout.readline() == b"open\n"
        for _ in range(5):
            started = time.monotonic()
            reply = httpx.post(f"{served[0]}/v1/complete", json={"text": "碑林区1号"}, timeout=20)
            assert reply.status_code == 200 and time.monotonic() - started < 5
    finally:
        holder.stdin.close()
        holder.wait(60)
    assert httpx.get(f"{served[0]}/healthz").status_code == 200


def read_all(raw: socket.socket) -> bytes:
    found = b""
    while piece := raw.recv(4096):
        found += piece
    return found


@pytest.fixture(scope="module")
def narrow(tmp_path_factory):
    """A service of little patience that works on one completion at once."""
    settings = ServiceSettings(data=tmp_path_factory.mktemp("narrow"), patience=0.6, at_once=1)
    with running(settings) as found:
        yield found


def test_slow_clients_are_cut_off(narrow):
    host, port = narrow[0].removeprefix("http://").split(":")
    head = b"POST /v1/complete HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n"
    cases = {b"": b"", b"POST /v1/comp": b"408", head + b'{"text": ': b"408"}
    for sent, status in cases.items():
        with socket.create_connection((host, int(port)), timeout=5) as raw:
            raw.sendall(sent)
            found = read_all(raw)  # it is closed, or this times out
            assert found[9:12] == status, (sent, found)
    body = json.dumps({"text": "碑林区1号"}).encode()
    with socket.create_connection((host, int(port)), timeout=5) as raw:  # slow, but coming
        raw.sendall(head)
        for _ in range(5):
            time.sleep(0.2)
            raw.sendall(b" " * 900)
        raw.sendall(body + b" " * (500 - len(body)))
        assert raw.recv(4096)[9:12] == b"200"


def test_what_would_only_wait_is_turned_away_at_the_door(narrow, monkeypatch):
    url, service = narrow
    begun, release = threading.Event(), threading.Event()
    complete = service.answerer.answer

    def slow(texts):
        begun.set()
        release.wait(10)
        return complete(texts)

    monkeypatch.setattr(service.answerer, "answer", slow)
    first: list[int] = []
    with httpx.Client(base_url=url, timeout=20) as client, httpx.Client(base_url=url, timeout=20) as other:
        asking = threading.Thread(
            target=lambda: first.append(other.post("/v1/complete", json={"text": "碑林区1号"}).status_code)
        )
        asking.start()
        assert begun.wait(10)
        for _ in range(3):  # the connection stays usable
            reply = client.post("/v1/complete", json={"text": "雁塔区2号"})
            assert reply.status_code == 429 and reply.headers["retry-after"] == "1"
            assert reply.json()["error"]["code"] == "queue_full"
        assert client.get("/healthz").status_code == 200, "others are let in"
        release.set()
        asking.join()
        assert first == [200]
        assert client.post("/v1/complete", json={"text": "雁塔区2号"}).status_code == 200
        assert 'buqi_refused_total{why="door"} 3.0' in client.get("/metrics").text
        gone = client.post("/v1/complete", json={"text": "x"}, headers={"Connection": "close"})
        assert gone.status_code == 200 and service.limits.busy == 0


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
        assert client.post("/v1/complete", json={"text": "a"}, headers=theirs).status_code == 200


def test_a_bucket_fills_again():
    rate = Rate(100, 2)
    assert rate.wait("a") == rate.wait("a") == 0 and rate.wait("a") > 0
    time.sleep(0.02)
    assert rate.wait("a") == 0 and rate.wait("b") == 0


def test_queue_timeouts_and_clients_that_leave():
    import asyncio

    release = threading.Event()
    ran: list[list[str]] = []

    def slow(key: object, items: list[str]) -> list[str]:
        ran.append(items)
        release.wait(5)
        if "bad" in items:
            raise ValueError("bad")
        return items

    async def gone() -> bool:
        return True

    async def scenario() -> None:
        batcher: Batcher[str, str] = Batcher(slow, 4, 2)
        batcher.start()
        first = asyncio.create_task(batcher.submit(["a"], 5))
        await asyncio.sleep(0.05)
        with pytest.raises(Problem) as late:
            await batcher.submit(["b"], 0.05)
        with pytest.raises(Problem) as left:
            await batcher.submit(["c"], 5, gone)
        waiting = [asyncio.create_task(batcher.submit([name], 5)) for name in ("d", "bad")]
        await asyncio.sleep(0.01)
        with pytest.raises(Problem) as full:
            await batcher.submit(["e"], 5)
        release.set()
        assert await first == ["a"]
        assert [type(r).__name__ for r in await asyncio.gather(*waiting, return_exceptions=True)] == ["ValueError"] * 2
        assert await batcher.submit(["f"], 5) == ["f"], "the service goes on"
        await batcher.stop()
        with pytest.raises(Problem) as stopping:
            await batcher.submit(["g"], 5)
        assert (late.value.status, left.value.status, full.value.status, stopping.value.status) == (504, 499, 429, 503)
        assert full.value.retry_after and ["b"] not in ran and ["c"] not in ran, "who left is not worked for"

    asyncio.run(scenario())
