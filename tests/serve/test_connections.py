"""Too many clients, slow ones and smuggled headers: each is told so, and the service goes on."""

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
import uvicorn

from buqi.serve import ServiceSettings
from buqi.serve.connections import Limits, listen
from tests.serve.conftest import running

OPENS = """
import resource, socket, sys
host, port, many = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
resource.setrlimit(resource.RLIMIT_NOFILE, (many + 100, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
held = []
for n in range(many):
    raw = socket.create_connection((host, port), timeout=20)
    if n % 2:
        raw.sendall(b"POST /v1/complete HTTP/1.1\\r\\nHost: localhost\\r\\nContent-Le")
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
            reply = httpx.post(f"{served[0]}/v1/complete", json={"text": "碑林区1号"}, timeout=15)  # less than patience
            assert reply.status_code == 200
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
    settings = ServiceSettings(data=tmp_path_factory.mktemp("narrow"), patience=1.5, at_once=1)
    with running(settings) as found:
        yield found


def test_slow_clients_are_cut_off(narrow):
    host, port = narrow[0].removeprefix("http://").split(":")
    head = b"POST /v1/complete HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    head += b"Content-Length: 5000\r\n\r\n"
    cases = {b"": b"408", b"POST /v1/comp": b"408", head + b'{"text": ': b"408"}
    for sent, status in cases.items():
        with socket.create_connection((host, int(port)), timeout=5) as raw:
            raw.sendall(sent)
            found = read_all(raw)  # it is closed, or this times out
            assert found[9:12] == status, (sent, found)
    body = json.dumps({"text": "碑林区1号"}).encode()
    with socket.create_connection((host, int(port)), timeout=5) as raw:  # slow, but coming
        raw.sendall(head)
        for _ in range(8):  # longer than the patience in all, each pause far shorter
            time.sleep(0.25)
            raw.sendall(b" " * 550)
        raw.sendall(body + b" " * (600 - len(body)))
        assert raw.recv(4096)[9:12] == b"200"


def test_what_would_only_wait_is_turned_away_at_the_door(narrow, monkeypatch):
    url, service = narrow
    begun, release = threading.Event(), threading.Event()
    complete = service.answerer.answer

    def slow(texts, contact=False):
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


def test_smuggled_headers(served, client):
    host, port = served[0].removeprefix("http://").split(":")
    smuggled = (
        b"POST /v1/complete HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nG",
        b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: a\x00b\r\n\r\n",
        b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
    )
    for data in smuggled:
        with socket.create_connection((host, int(port)), timeout=10) as raw:
            raw.sendall(data)
            reply = raw.recv(65536)
            assert not reply or reply.split(b" ")[1][:1] == b"4", reply[:100]
    assert client.get("/healthz").status_code == 200


OFFERS = {
    "java": b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAAAAIAAAAB\r\n",
    "websocket": b"Connection: keep-alive, upgrade\r\nupgrade: websocket\r\n",
    "none": b"Upgrade: h2c\r\n",
}


@pytest.mark.parametrize("size", [1, 90, 10_000])
@pytest.mark.parametrize("offer", OFFERS)
def test_an_offer_of_another_protocol_is_passed_over(served, offer, size):
    body = '{"text": "碑林区1号"}'.encode()
    head = b"POST /v1/complete HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n" + OFFERS[offer]
    whole = head + b"Content-Length: %d\r\n\r\n" % len(body) + body
    pieces = head + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
    empty = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n" + OFFERS[offer] + b"\r\n"
    host, port = served[0].removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as raw, raw.makefile("rb") as reading:
        for request in (whole, empty, pieces, whole):  # all on one connection
            for at in range(0, len(request), size):
                raw.sendall(request[at : at + size])
            assert reading.readline().startswith(b"HTTP/1.1 200")
            length = 0
            while (line := reading.readline().strip()) != b"":
                length = int(line.split(b":")[1]) if line.lower().startswith(b"content-length") else length
            assert ("陕西省".encode() in reading.read(length)) == (request is not empty)


def test_what_is_no_http_is_told_so_in_the_shape_of_all_failures(served):
    host, port = served[0].removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=20) as raw:
        raw.sendall(b"SSH-2.0-x\r\n\r\n")
        head, _, body = raw.recv(4096).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400") and json.loads(body)["error"]["code"] == "bad_request"


@pytest.mark.parametrize("workers", ["4", "many"])
def test_workers_named_for_other_services(monkeypatch, workers):
    monkeypatch.setenv("WEB_CONCURRENCY", workers)
    found: list[uvicorn.Config] = []
    monkeypatch.setattr(uvicorn, "run", lambda app, **options: found.append(uvicorn.Config(app, **options)))
    listen(None, "127.0.0.1", 0, Limits(1, 1.0, lambda: None), grace=1)
    assert found[0].workers == 1


def answers_to(url: str, data: bytes) -> list[bytes]:
    host, port = url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as raw:
        raw.sendall(data)
        return [part[:3] for part in read_all(raw).split(b"HTTP/1.1 ")[1:]]


HEALTH = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
LAST = HEALTH.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
TEXT = '{"text": "碑林区1号"}'.encode()
ASKED = b"POST /v1/complete HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
WHOLE = ASKED + b"Content-Length: %d\r\n\r\n" % len(TEXT) + TEXT
CHUNKED = ASKED + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n" % (len(TEXT), TEXT)


@pytest.mark.parametrize("broken", [b"NO HTTP\r\n\r\n", CHUNKED + b"zz\r\n"])
def test_what_stands_before_a_broken_request_is_answered_first(served, caplog, broken):
    assert answers_to(served[0], broken) == [b"400"]
    assert answers_to(served[0], WHOLE + broken) == [b"200", b"400"]
    assert answers_to(served[0], WHOLE + HEALTH + WHOLE + broken + HEALTH) == [b"200", b"200", b"200", b"400"]
    assert not [record for record in caplog.records if "Exception" in record.getMessage()]


def test_requests_that_wait_for_one_before_them_have_their_own_time(narrow, monkeypatch):
    url, service = narrow
    complete = service.answerer.answer

    def slow(texts, contact=False):
        time.sleep(2)  # longer than the patience
        return complete(texts)

    monkeypatch.setattr(service.answerer, "answer", slow)
    host, port = url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=20) as raw:
        raw.sendall(HEALTH + WHOLE)
        found = b""
        while found.count(b"HTTP/1.1 200") < 2:
            found += (piece := raw.recv(4096))
            assert piece, found


def test_a_trailer_is_no_header(served):
    for trailer in (b"Host: evil.example", b"Origin: https://evil.example", b"Content-Type: text/plain"):
        assert answers_to(served[0], CHUNKED + b"0\r\n" + trailer + b"\r\n\r\n" + LAST) == [b"200", b"200"]
