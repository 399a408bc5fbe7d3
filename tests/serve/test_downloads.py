"""A wrong range is refused in the form of all failures."""

from __future__ import annotations

import asyncio

import pytest

from buqi.serve.downloads import Download
from buqi.serve.problems import Problem
from tests.serve.conftest import upload, wait_for

WRONG = {
    "bytes=": 400, "bytes": 400, "lines=0-1": 400, "bytes=5-1": 400, "bytes=a-b": 400, "bytes=99999999-": 416,
    f"bytes={'9' * 4000}-": 416,
}  # fmt: skip


@pytest.fixture
def result(client):
    job = upload(client, "a.csv", "地址\n扶风法门镇1号\n".encode()).json()["id"]
    wait_for(client, job)
    yield f"/v1/jobs/{job}/result"
    client.delete(f"/v1/jobs/{job}")


def test_wrong_ranges(client, result):
    for said, status in WRONG.items():
        found = client.get(result, headers={"Range": said})
        assert found.status_code == status, said
        assert found.json()["error"]["code"] == "wrong_range" and found.json()["error"]["param"] == "Range"
        assert (status == 416) == ("content-range" in found.headers)
    assert client.head(result, headers={"Range": "bytes=99999999-"}).status_code == 416


def test_right_ranges(client, result):
    whole = client.get(result).content
    assert client.get(result, headers={"Range": "bytes=2-5"}).content == whole[2:6]
    assert client.get(result, headers={"Range": "bytes=-3"}).content == whole[-3:]
    head = client.head(result, headers={"Range": "bytes=2-5"})
    assert head.status_code == 206 and head.headers["content-length"] == "4" and not head.content


def test_a_file_that_goes_before_it_is_opened(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("x")
    sent: list[dict] = []
    reply = Download(path, stat_result=path.stat())
    path.unlink()

    async def send(message: dict) -> None:
        sent.append(message)

    async def receive() -> dict:
        await asyncio.sleep(60)
        return {"type": "http.disconnect"}

    scope = {"type": "http", "method": "GET", "headers": [], "state": {}, "asgi": {"spec_version": "2.4"}}
    with pytest.raises(Problem, match="no longer there"):
        asyncio.run(reply(scope, receive, send))
    assert not sent
