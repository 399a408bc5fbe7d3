"""HEAD tells what GET would, and brings no body."""

from __future__ import annotations

import time

import httpx
import pytest

from tests.serve.conftest import upload, wait_for

GETS = ("/", "/healthz", "/readyz", "/metrics", "/docs", "/v1/about", "/v1/models", "/v1/models/base", "/v1/adapters")


@pytest.mark.parametrize("path", [*GETS, "/v1/adapters/tuned/curve", "/v1/jobs", "/v1/jobs/x", "/v1/none"])
def test_a_head_is_that_of_the_answer(client, path):
    head, whole = client.head(path), client.get(path)
    assert head.status_code == whole.status_code and head.content == b""
    assert head.headers["content-type"] == whole.headers["content-type"]
    if path != "/metrics":  # its figures change with each request
        assert head.headers["content-length"] == str(len(whole.content))


def test_the_head_of_a_result_and_of_a_stream(client):
    job = upload(client, "a.csv", "地址\n扶风法门镇1号\n".encode()).json()["id"]
    began = time.monotonic()
    events = client.head(f"/v1/jobs/{job}/events")
    assert events.status_code == 200 and "event-stream" in events.headers["content-type"]
    wait_for(client, job)
    result = f"/v1/jobs/{job}/result"
    assert int(client.head(result).headers["content-length"]) == len(client.get(result).content)
    assert time.monotonic() - began < 30 and client.get("/healthz").status_code == 200
    client.delete(f"/v1/jobs/{job}")


def test_what_changes_something_takes_no_head(client):
    assert client.head("/v1/complete").status_code == 405
    with httpx.Client(base_url=client.base_url) as other:
        assert other.get("/metrics").text.count('method="HEAD"') > 0
