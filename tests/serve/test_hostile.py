"""Every limit crossed, and requests that mean harm: each ends in the right status, and the service goes on."""

from __future__ import annotations

import gzip
import io
import json
import os
import resource
import shutil
import socket
import subprocess
import sys
import threading
import time
import zipfile
from pathlib import Path

import httpx
import pytest

from buqi.errors import UsageError
from buqi.serve import Settings, create_app
from buqi.serve.batching import Batcher
from buqi.serve.guard import Keys, Rate
from buqi.serve.problems import Problem
from tests.serve.conftest import running


def post(client: httpx.Client, path: str, **options: object) -> int:
    return client.post(path, **options).status_code


def xlsx(entries: dict[str, bytes]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as book:
        for name, content in entries.items():
            book.writestr(name, content)
    return data.getvalue()


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({"text": "a", "texts": ["b"]}, 422),
        ({"texts": []}, 422),
        ({"texts": ["a"] * 1001}, 413),
        ({"text": "区" * 501}, 413),
        ({"text": "a", "mode": "rm"}, 422),
        ({"text": 5}, 422),
        ({"texts": [None]}, 422),
        ({"text": "\ud800"}, 422),
        ([], 422),
    ],
)
def test_bodies_of_complete(client, body, status):
    data = json.dumps(body).encode()
    assert post(client, "/v1/complete", content=data, headers={"Content-Type": "application/json"}) == status


def test_other_bad_requests(client):
    kind = {"Content-Type": "application/json"}
    assert post(client, "/v1/complete", content=b"{", headers=kind) == 422
    assert post(client, "/v1/complete", content=b"\xff\xfe", headers=kind) in (400, 422)
    assert post(client, "/v1/complete", content=b"[" * 50_000, headers=kind) in (400, 422)
    assert post(client, "/v1/complete", content=b'{"text": "' + b"a" * 70_000 + b'"}', headers=kind) == 413
    assert client.get("/v1/complete").status_code == 405
    assert client.get("/../../etc/passwd").status_code == 404
    assert client.get("/v1/jobs/..%2f..%2fetc").status_code == 404
    assert client.get("/v1/jobs/x'%20OR%20'1'='1").status_code == 404
    chat = {"model": "base", "messages": [{"role": "user", "content": "a"}]}
    assert post(client, "/v1/chat/completions", json=chat | {"temperature": 1}) == 422
    assert post(client, "/v1/chat/completions", json=chat | {"messages": []}) == 422
    assert post(client, "/v1/chat/completions", json=chat | {"messages": chat["messages"] * 2}) == 422
    assert post(client, "/v1/chat/completions", json=chat | {"model": "../x"}) == 404


def test_a_body_that_lies_about_its_length(client, served):
    def stream():
        for _ in range(200):
            yield b"a" * 1000

    assert post(client, "/v1/complete", content=stream(), headers={"Content-Type": "application/json"}) == 413
    host, port = served[0].removeprefix("http://").split(":")
    for length, expected in ((b"1000000000", b"413"), (b"-5", b"400"), (b"abc", b"400")):
        with socket.create_connection((host, int(port)), timeout=10) as raw:
            raw.sendall(b"POST /v1/complete HTTP/1.1\r\nHost: x\r\nContent-Length: " + length + b"\r\n\r\n")
            assert expected in raw.recv(1000).split(b"\r\n")[0]


def test_smuggled_headers(served, client):
    host, port = served[0].removeprefix("http://").split(":")
    smuggled = (
        b"POST /v1/complete HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nG",
        b"GET /healthz HTTP/1.1\r\nHost: x\r\nX: a\x00b\r\n\r\n",
        b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    )
    for data in smuggled:
        with socket.create_connection((host, int(port)), timeout=10) as raw:
            raw.sendall(data)
            reply = raw.recv(65536)
            assert not reply or reply.split(b" ")[1][:1] == b"4", reply[:100]
    assert client.get("/healthz").status_code == 200


UPLOADS = {
    "csv that is a program": ("a.csv", b"\x7fELF\x00\x00", 422),
    "csv that is a zip": ("a.csv", xlsx({"a": b"1"}), 422),
    "unknown kind": ("a.exe", b"MZ", 415),
    "no name": ("", b"a,b", 422),
    "parquet that is none": ("a.parquet", b"PAR0" * 9, 422),
    "xlsx that is a zip of something": ("a.xlsx", xlsx({"hello": b"1"}), 422),
    "gz that is none": ("a.csv.gz", b"hello", 422),
    "gz cut off": ("a.csv.gz", gzip.compress(b"a,b\n" * 1000)[:30], 422),
    "gz bomb": ("a.csv.gz", gzip.compress(b"0" * 30_000_000), 413),
    "xlsx bomb": ("a.xlsx", xlsx({"xl/workbook.xml": b"x", "xl/s.xml": b"0" * 30_000_000}), 413),
    "too large": ("a.csv", b"a,b\n" * 900_000, 413),
    "pickle": ("a.pkl", b"\x80\x04.", 415),
}


@pytest.mark.parametrize("case", list(UPLOADS))
def test_uploads(client, case):
    name, data, status = UPLOADS[case]
    assert client.post("/v1/jobs", files={"file": (name, data)}).status_code == status


def test_an_xlsx_whose_directory_lies(client):
    data = bytearray(xlsx({"xl/workbook.xml": b"x", "xl/s.xml": b"0" * 30_000_000}))
    at = data.rfind(b"PK\x01\x02")
    data[at + 24 : at + 28] = (1000).to_bytes(4, "little")  # the size that it says
    assert client.post("/v1/jobs", files={"file": ("a.xlsx", bytes(data))}).status_code in (413, 422)


@pytest.mark.parametrize("folder", ["../more", "/etc", "..", ".", "none", "link", "pickled", "a\x00b"])
def test_adapters_only_from_the_allowed_folder(client, served, folder, tmp_path):
    root: Path = served[1].settings.adapters_dir
    if not (root / "link").exists():
        outside = tmp_path / "outside"
        shutil.copytree(root / "more", outside)
        (root / "link").symlink_to(outside)
        shutil.copytree(root / "more", root / "pickled")
        (root / "pickled" / "adapter_model.bin").write_bytes(b"\x80\x04.")
        (root / "inner").mkdir()
        (root / "inner" / "adapter_model.safetensors").symlink_to("/etc/passwd")
    reply = client.post("/v1/adapters/evil", json={"folder": folder})
    assert reply.status_code in (403, 404, 422) and str(root) not in reply.text
    assert client.post("/v1/adapters/evil", json={"folder": "inner"}).status_code == 403
    assert [a["name"] for a in client.get("/v1/adapters").json()] == ["tuned"]


def test_adapter_names(client):
    for name in ("base", "buqi-address", "a b", "é", "x" * 80):
        assert client.post(f"/v1/adapters/{name}", json={"folder": "more"}).status_code == 422


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
    settings = Settings(data=tmp_path_factory.mktemp("narrow"), patience=0.6, at_once=1)
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
    complete = service.completer.complete_all

    def slow(texts):
        begun.set()
        release.wait(10)
        return complete(texts)

    monkeypatch.setattr(service.completer, "complete_all", slow)
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
        create_app(Settings(data=tmp_path / "data", keys=tmp_path / "none"))
    one, other = (Keys.new(tmp_path / "keys", name) for name in ("one", "other"))
    assert one not in (tmp_path / "keys").read_text() and (tmp_path / "keys").stat().st_mode & 0o777 == 0o600
    settings = Settings(data=tmp_path / "data", keys=tmp_path / "keys", rate=2, burst=10, jobs=1)
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


def test_other_origins_are_closed(client):
    reply = client.get("/v1/models", headers={"Origin": "https://elsewhere.example"})
    assert "access-control-allow-origin" not in reply.headers
    assert (
        reply.headers["x-content-type-options"] == "nosniff"
        and "default-src 'self'" in reply.headers["content-security-policy"]
    )


def test_generated_requests_never_make_a_server_error(served):
    schemathesis = pytest.importorskip("schemathesis")
    from hypothesis import HealthCheck, given, settings

    schema = schemathesis.openapi.from_url(f"{served[0]}/openapi.json")
    counted = {"cases": 0}
    for result in schema.get_all_operations():
        operation = result.ok()
        if operation.path.endswith("/events"):
            continue  # a stream of a job that exists; covered by its own test

        @given(case=operation.as_strategy())
        @settings(max_examples=250, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        def ask(case):
            counted["cases"] += 1
            reply = case.call()
            assert reply.status_code < 500, (case.method, case.path, case.body, reply.text)

        ask()
    assert counted["cases"] >= 2000, counted
    assert os.path.exists(served[1].jobs.folder)
