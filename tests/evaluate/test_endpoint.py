"""Endpoints that answer, and those that misbehave."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest

from buqi.errors import UsageError
from buqi.evaluate.compare import compare_rows
from buqi.evaluate.endpoint import EndpointContestant
from buqi.task import ADDRESS
from tests.evaluate.conftest import rows


class Replies(BaseHTTPRequestHandler):
    seen: ClassVar[dict[str, int]] = {}
    over: ClassVar[threading.Event] = threading.Event()

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        text = ADDRESS.text_of(body["messages"][-1]["content"])
        assert body["temperature"] == 0
        count = self.seen[text] = self.seen.get(text, 0) + 1
        good = {"choices": [{"message": {"content": f" 答{text} "}, "finish_reason": "stop"}],
                "usage": {"prompt_tokens": 7, "completion_tokens": 3}}  # fmt: skip
        status, data, after = 200, json.dumps(good).encode(), None
        if text == "busy" and count == 1:
            status, data, after = 429, b"", "0"
        elif text == "down":
            status, data = 500, b"oops"
        elif text == "refused":
            status, data = 401, b"no"
        elif text == "half":
            data = data[:20]
        elif text == "shape":
            data = b'{"choices": []}'
        elif text == "novel":
            good["choices"][0] = {"message": {"content": "字" * 20000}, "finish_reason": "length"}
            data = json.dumps(good).encode()
        elif text == "flood":
            data = b"x" * 3_000_000
        elif text == "slow":
            self.over.wait()
        try:
            self.send_response(status)
            if after:
                self.send_header("Retry-After", after)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)
        except (BrokenPipeError, ConnectionResetError):
            pass

    def log_message(self, *_):
        pass


@pytest.fixture
def address():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Replies)
    Replies.seen, Replies.over = {}, threading.Event()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/v1#big"
    Replies.over.set()
    server.shutdown()


def test_an_endpoint_that_misbehaves_ends_in_failed_rows(address):
    asked = rows("好", "busy", "down", "refused", "half", "shape", "novel", "flood")
    endpoint = EndpointContestant(address, retries=1, timeout=60, pause=0.01)
    found = compare_rows(ADDRESS, asked, [endpoint])
    given = dict(zip([ADDRESS.text_of(r.src[0]) for r in asked], found.entries[0].answers, strict=True))
    assert given["好"].text == "答好" and given["好"].tokens == (7, 3) and given["好"].stopped
    assert given["busy"].text == "答busy" and Replies.seen["busy"] == 2
    assert given["down"].failed == "status 500" and Replies.seen["down"] == 2
    assert given["refused"].failed == "status 401" and Replies.seen["refused"] == 1
    assert "JSON" in given["half"].failed and given["shape"].failed.startswith("IndexError")
    assert len(given["novel"].text) == 20000 and not given["novel"].stopped
    assert "more than" in given["flood"].failed
    figures = found.as_json()["contestants"]["big"]
    assert len(figures["failures"]) == 5 and figures["failed"] == pytest.approx(5 / 8, abs=1e-3)
    assert figures["tokens"][0] == 7 * 3
    assert figures["province"] == 0.0  # failed rows count as not right


def test_an_endpoint_that_does_not_answer_is_given_up(address):
    found = compare_rows(ADDRESS, rows("slow"), [EndpointContestant(address, retries=1, timeout=0.3, pause=0.01)])
    assert "imeout" in found.entries[0].answers[0].failed and Replies.seen["slow"] <= 2


def test_endpoint_addresses():
    with pytest.raises(UsageError, match="expected http://host/v1#model"):
        EndpointContestant("http://127.0.0.1/v1")
