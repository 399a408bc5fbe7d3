"""Requests that never end or come slowly: they are stopped, and nobody waits for them."""

from __future__ import annotations

import socket
import threading
import time

import httpx
import pytest

from buqi.serve import ServiceSettings
from buqi.serve.connections import HEAD_BYTES, URL_BYTES
from tests.serve.conftest import TEXTS, running
from tests.torture.conftest import connect


def flood(raw: socket.socket, piece: bytes, most: int) -> tuple[int, bytes]:
    """Send ``piece`` until the other side has had enough; return how many bytes went out and what was answered."""
    sent = 0
    try:
        while sent < most:
            raw.sendall(piece)
            sent += len(piece)
    except OSError:
        pass
    answer = b""
    try:
        while more := raw.recv(4096):
            answer += more
    except OSError:
        pass
    return sent, answer


HEADS = {
    "a header line": (b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: ", b"a" * 65536, b"431"),
    "header lines": (b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n", b"x: y\r\n" * 9000, b"431"),
    "a header's name": (b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n", b"a" * 65536, b"431"),
    "a url": (b"GET /", b"a" * 65536, b"414"),
    "a trailer": (
        b"POST /v1/complete HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n1\r\n0\r\nX: ",
        b"a" * 65536,
        b"",
    ),
    "the extension of a chunk": (
        b"POST /v1/complete HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n1;",
        b"a" * 65536,
        b"",
    ),
}


@pytest.mark.parametrize("what", list(HEADS))
def test_a_head_that_never_ends(attacked, client, what):
    start, piece, status = HEADS[what]
    with connect(attacked[0]) as raw:
        raw.sendall(start)
        sending = threading.Thread(target=lambda: answers.append(flood(raw, piece, 100_000_000)))
        answers: list[tuple[int, bytes]] = []
        sending.start()
        while sending.is_alive():
            assert client.get("/healthz", timeout=10).status_code == 200, "nobody waits for it"
            time.sleep(0.02)
    sent, answer = answers[0]
    assert sent < 100_000_000, "it was stopped"
    assert not answer or answer[9:12] == status or answer[9:10] == b"4", answer[:80]


def test_what_is_just_short_enough_is_taken_and_what_is_longer_is_told_why(client):
    assert client.get("/healthz", headers={"X": "a" * (HEAD_BYTES - 6000)}).status_code == 200
    assert client.get("/healthz?" + "a" * (URL_BYTES - 10)).status_code == 200
    assert client.get("/healthz", headers={"X": "a" * (HEAD_BYTES + 9000)}).status_code == 431
    long = client.get("/healthz?" + "a" * (URL_BYTES + 10))
    assert long.status_code == 414 and long.json()["error"]["code"] == "url_too_long"
    body = {"texts": [TEXTS[0]] * 900}  # a body may be longer than a head
    assert client.post("/v1/complete", json=body).status_code == 200


def test_a_head_in_many_pieces_and_requests_in_one(attacked):
    request = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with connect(attacked[0]) as raw:
        for byte in request:
            raw.sendall(bytes([byte]))
        assert raw.recv(4096)[9:12] == b"200"
        raw.sendall(request * 200)
        found = b""
        while found.count(b"HTTP/1.1 200") < 200:
            found += raw.recv(65536)


def test_two_hundred_slow_sockets(tmp_path):
    with running(ServiceSettings(data=tmp_path / "data", patience=1.5)) as (url, _):
        held = [connect(url) for _ in range(200)]
        starts = (b"", b"G", b"POST /v1/complete HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900\r\n\r\n{")
        for number, raw in enumerate(held):
            raw.sendall(starts[number % 3])
        with httpx.Client(base_url=url, timeout=20) as client:
            for _ in range(20):
                assert client.post("/v1/complete", json={"text": TEXTS[0]}).status_code == 200
            until = time.monotonic() + 10
            for raw in held:
                raw.settimeout(max(0.1, until - time.monotonic()))
                assert raw.recv(4096)[9:12] == b"408"
                raw.close()
