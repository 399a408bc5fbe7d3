"""The tools for agents, asked by the SDK's own client: on standard input and output, and over HTTP with a key."""

from __future__ import annotations

import os
import subprocess
import sys

import anyio

from buqi.mcp import make_server
from buqi.serve import ServiceSettings
from buqi.serve.keys import Keys
from tests.serve.conftest import running

TEXT = "扶风法门镇法门寺"


async def ask(target) -> list:
    """Return the names of the tools, and what each of them says."""
    from mcp.client import Client

    async with Client(target) as client:
        tools = (await client.list_tools()).tools
        asked = [
            ("complete_addresses", {"addresses": [TEXT, "张三 13800000000 碑林区1号"], "contact": True}),
            ("look_up_division", {"name": "法门镇"}),
            ("look_up_division", {"name": "火星市"}),
            ("search_places", {"name": "文一西路"}),
            ("complete_addresses", {"addresses": []}),
        ]
        found = [await client.call_tool(name, words) for name, words in asked]
    return [sorted(tool.name for tool in tools), *found]


def check(answers: list) -> None:
    names, completed, division, unknown, places, empty = answers
    assert names == ["complete_addresses", "look_up_division", "search_places"]
    first, second = completed.structured_content["completions"]
    assert first["full"] == "陕西省宝鸡市扶风县法门镇法门寺" and first["codes"]["town"] == "610324107"
    assert (second["phone"], second["county"]) == ("13800000000", "碑林区")
    assert "陕西省宝鸡市扶风县法门镇" in [d["full"] for d in division.structured_content["divisions"]]
    assert unknown.is_error and "火星市: not in the table" in unknown.content[0].text
    assert {"place": "浙江省杭州市", "count": 0, "list": True} in places.structured_content["places"]
    assert empty.is_error


def test_on_standard_input_and_output(tmp_path):
    from mcp.client.stdio import StdioServerParameters, stdio_client

    environment = os.environ | {"BUQI_PLACES": str(tmp_path), "PYTHONPATH": os.getcwd()}
    server = StdioServerParameters(command=sys.executable, args=["-m", "buqi", "mcp"], env=environment)
    check(anyio.run(ask, stdio_client(server)))


def test_over_http_with_a_key_only(tmp_path, monkeypatch):
    import httpx2
    from mcp.client.streamable_http import streamable_http_client

    monkeypatch.setenv("BUQI_PLACES", str(tmp_path / "none"))
    key = Keys.new(tmp_path / "keys", "agent")
    with running(ServiceSettings(data=tmp_path / "data", keys=tmp_path / "keys", mcp=True)) as (url, _):
        assert httpx2.post(f"{url}/mcp", json={"jsonrpc": "2.0", "id": 1, "method": "ping"}).status_code == 401
        client = httpx2.AsyncClient(headers={"Authorization": f"Bearer {key}"}, timeout=60)
        check(anyio.run(ask, streamable_http_client(f"{url}/mcp", http_client=client)))


def test_pages_of_other_sites_may_not_ask(tmp_path, monkeypatch):
    import httpx

    monkeypatch.setenv("BUQI_PLACES", str(tmp_path / "none"))
    ping = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
    with running(ServiceSettings(data=tmp_path / "data", mcp=True)) as (url, _):
        for headers in ({"Host": "evil.example"}, {"Origin": "https://evil.example"}):
            assert httpx.post(f"{url}/mcp", json=ping, headers=headers).status_code == 403
        assert httpx.get(f"{url}/docs").status_code == 200
    with running(ServiceSettings(data=tmp_path / "data")) as (url, _):
        assert httpx.post(f"{url}/mcp", json=ping).status_code == 404


def test_an_argument_that_is_not_known_is_refused():
    from mcp.client import Client

    async def complete(addresses: list[str], contact: bool) -> list:
        raise AssertionError("it was asked something else")

    async def call() -> tuple:
        async with Client(make_server(complete)) as client:
            (tool, *_) = (await client.list_tools()).tools
            return tool, await client.call_tool("complete_addresses", {"addresses": [TEXT], "contacts": True})

    tool, answer = anyio.run(call)
    assert answer.is_error and "contacts" in answer.content[0].text
    assert tool.input_schema["additionalProperties"] is False


def test_an_environment_that_the_sdk_does_not_take():
    environment = os.environ | {"OTEL_PROPAGATORS": "nobodys", "PYTHONPATH": os.getcwd()}
    command = [sys.executable, "-m", "buqi", "mcp"]
    ended = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    said = ended.stderr.decode()
    assert ended.returncode == 1 and "Propagator nobodys not found" in said and "defect" not in said
