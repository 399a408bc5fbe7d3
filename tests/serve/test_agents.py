"""Tools over HTTP have the limits of the service."""

from __future__ import annotations

import anyio
import httpx

from buqi.serve import ServiceSettings
from tests.serve.conftest import running


def test_too_many_and_too_long_are_told(tmp_path, monkeypatch):
    from mcp.client import Client

    monkeypatch.setenv("BUQI_PLACES", str(tmp_path / "none"))

    async def ask(url: str) -> list:
        async with Client(f"{url}/mcp") as client:
            asked = (["碑林区1号"], ["碑林区1号"] * 3, ["碑林区" + "1" * 60])
            return [await client.call_tool("complete_addresses", {"addresses": texts}) for texts in asked]

    with running(ServiceSettings(data=tmp_path / "data", mcp=True, texts=2, text_length=50)) as (url, _):
        right, many, long = anyio.run(ask, url)
    assert right.structured_content["completions"][0]["full"] == "陕西省西安市碑林区1号"
    assert many.is_error and "at most 2 in one request" in many.content[0].text
    assert long.is_error and "longer than 50 characters" in long.content[0].text


def test_no_stream_is_opened_on_which_nothing_comes(tmp_path):
    with running(ServiceSettings(data=tmp_path / "data", mcp=True)) as (url, _):
        for given in ({}, {"Last-Event-ID": "x"}):
            reply = httpx.get(f"{url}/mcp", headers={"Accept": "text/event-stream"} | given, timeout=20)
            assert reply.status_code == 405 and reply.json()["error"]["message"]


def test_a_get_ends_at_once(tmp_path, monkeypatch):
    """Nothing is ever told in a stream of its own, so none is opened."""
    monkeypatch.setenv("BUQI_PLACES", str(tmp_path / "none"))
    with running(ServiceSettings(data=tmp_path / "data", mcp=True)) as (url, _):
        found = httpx.get(f"{url}/mcp", headers={"Accept": "text/event-stream"}, timeout=5)
        counted = httpx.get(f"{url}/metrics").text
    assert found.status_code == 405 and found.json()["error"]["code"] == "http"
    assert 'route="/mcp",status="405"' in counted
