"""Requests that mean nothing or harm: each ends in the right status, and the service goes on."""

from __future__ import annotations

import os

import httpx
import schemathesis

import buqi
from buqi.serve import ServiceSettings
from buqi.serve.keys import Keys
from tests.serve.conftest import TEXTS, post, running


def test_other_bad_requests(client):
    kind = {"Content-Type": "application/json"}
    assert post(client, "/v1/complete", content=b"{", headers=kind) == 400
    assert post(client, "/v1/complete", content=b"\xff\xfe", headers=kind) in (400, 422)
    assert post(client, "/v1/complete", content=b"[" * 50_000, headers=kind) in (400, 422)
    assert post(client, "/v1/complete", content=b'{"text": "' + b"a" * 70_000 + b'"}', headers=kind) == 413
    assert client.get("/v1/complete").status_code == 405
    assert client.get("/../../etc/passwd").status_code == 404
    assert client.get("/v1/jobs/..%2f..%2fetc").status_code == 404
    assert client.get("/v1/jobs/x'%20OR%20'1'='1").status_code == 404
    chat = {"model": "base", "messages": [{"role": "user", "content": "a"}]}
    assert post(client, "/v1/chat/completions", json=chat | {"messages": []}) == 422
    assert post(client, "/v1/chat/completions", json=chat | {"messages": chat["messages"] * 2}) == 422
    assert post(client, "/v1/chat/completions", json=chat | {"model": "../x"}) == 404


def test_other_origins_are_closed(client):
    reply = client.get("/v1/models", headers={"Origin": "https://elsewhere.example"})
    assert "access-control-allow-origin" not in reply.headers
    assert (
        reply.headers["x-content-type-options"] == "nosniff"
        and "default-src 'self'" in reply.headers["content-security-policy"]
    )


def test_generated_requests_never_make_a_server_error(served):
    from hypothesis import HealthCheck, given, settings

    schema = schemathesis.openapi.from_url(f"{served[0]}/openapi.json")
    counted = {"cases": 0}
    for result in schema.get_all_operations():
        operation = result.ok()
        if operation.path.endswith("/events"):
            continue  # a stream of a job that exists; covered by its own test

        @given(case=operation.as_strategy())
        @settings(max_examples=60, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        def ask(case):
            counted["cases"] += 1
            reply = case.call()
            assert reply.status_code < 500, (case.method, case.path, case.body, reply.text)

        ask()
    assert counted["cases"] >= 500, counted
    assert os.path.exists(served[1].jobs.folder)


def test_the_description_says_what_each_route_does(client):
    described = client.get("/openapi.json").json()
    said = {operation["summary"] for methods in described["paths"].values() for operation in methods.values()}
    assert {"Complete a file", "List your jobs, the latest first", "Download the completed file"} <= said
    assert all(len(summary.split()) > 2 for summary in said) and described["info"]["version"] == buqi.__version__


def test_a_page_with_a_key_asks_from_an_allowed_origin(tmp_path):
    key = Keys.new(tmp_path / "keys", "shop")
    origin = {"Origin": "https://shop.example"}
    asks = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,content-type"}
    settings = ServiceSettings(data=tmp_path / "data", keys=tmp_path / "keys", origins=("https://shop.example",))
    with running(settings) as (url, _), httpx.Client(base_url=url, headers=origin) as page:
        before = page.options("/v1/complete", headers=asks)  # browsers send it without the key
        assert before.status_code == 200 and "authorization" in before.headers["access-control-allow-headers"]
        for status, given in ((401, {}), (200, {"Authorization": f"Bearer {key}"})):
            reply = page.post("/v1/complete", json={"text": TEXTS[0]}, headers=given)
            assert reply.status_code == status
            assert reply.headers["access-control-allow-origin"] == origin["Origin"], "the page can read it"
        other = page.options("/v1/complete", headers=asks | {"Origin": "https://evil.example"})
        assert "access-control-allow-origin" not in other.headers


def test_the_page_of_the_api_finds_its_files_under_a_path(tmp_path):
    """The page's own links begin with the path, whether the proxy takes it off or not."""
    with running(ServiceSettings(data=tmp_path, root_path="/buqi")) as (url, _):
        page = httpx.get(f"{url}/docs").text
        assert "'/buqi/openapi.json'" in page and '"/buqi/docs-files/swagger-ui-bundle.js"' in page
        for asked in (url, f"{url}/buqi"):
            assert httpx.get(f"{asked}/docs-files/swagger-ui-bundle.js").status_code == 200
            assert httpx.get(f"{asked}/openapi.json").json()["servers"] == [{"url": "/buqi"}]
            assert httpx.post(f"{asked}/v1/complete", json={"text": "碑林区1号"}).status_code == 200
            assert "but /v1/complete is one" in httpx.post(f"{asked}/complete").json()["error"]["message"]


def test_no_mark_of_a_docstring_is_shown(client):
    for routes in client.get("/openapi.json").json()["paths"].values():
        assert not [route["summary"] for route in routes.values() if "`" in route["summary"]]
