"""Requests of other sites and under other names are turned away."""

from __future__ import annotations

import httpx
import pytest

from buqi.serve import ServiceSettings
from buqi.serve.keys import Keys
from tests.serve.conftest import running, wait_for
from tests.torture.conftest import connect

FOREIGN = [
    ({"Host": "evil.example"}, 403),
    ({"Host": "localhost.evil.example"}, 403),
    ({"Host": "127.0.0.1.evil.example:8000"}, 403),
    ({"Host": "192.0.2.7"}, 403),
    ({"Host": "[::1"}, 403),
    ({"Host": ""}, 403),
    ({"Origin": "https://evil.example"}, 403),
    ({"Origin": "null"}, 403),
    ({"Origin": "http://localhost:1"}, 403),
    ({"Sec-Fetch-Site": "cross-site"}, 403),
    ({"Sec-Fetch-Site": "same-site"}, 403),
    ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}, 403),
    ({"Host": "localhost:8000"}, 200),
    ({"Host": "LOCALHOST."}, 200),
    ({"Host": "[::1]:8000"}, 200),
    ({"Sec-Fetch-Site": "same-origin"}, 200),
    ({"Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "navigate"}, 200),
    ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}, 200),  # a link to the page
]


@pytest.mark.parametrize(("headers", "status"), FOREIGN)
def test_other_names_and_other_sites(client, headers, status):
    reply = client.get("/v1/jobs", headers=headers)
    assert reply.status_code == status, headers
    if status == 403:
        assert "status" not in reply.text and reply.json()["error"]["code"] in ("wrong_host", "wrong_origin")


def test_two_hosts_and_none(attacked):
    for hosts in (b"", b"Host: localhost\r\nHost: evil.example\r\n"):
        with connect(attacked[0]) as raw:
            raw.sendall(b"GET /v1/jobs HTTP/1.1\r\n" + hosts + b"\r\n")
            assert raw.recv(4096)[9:12] == b"400"


def test_a_form_of_another_site(client, attacked):
    before = client.get("/v1/jobs").json()
    cross = {"Sec-Fetch-Site": "cross-site"}
    for headers in (
        cross,
        cross | {"Origin": "https://evil.example"},
        {"Origin": "null", "Sec-Fetch-Mode": "navigate"},
    ):
        reply = client.post("/v1/jobs", files={"file": ("a.csv", b"address\nx\n")}, headers=headers)
        assert reply.status_code == 403, headers
    assert client.get("/v1/jobs").json() == before
    ours = {"Origin": attacked[0], "Sec-Fetch-Site": "same-origin"}
    job = client.post("/v1/jobs", files={"file": ("a.csv", b"address\nx\n")}, headers=ours).json()["id"]
    assert wait_for(client, job)["status"] == "done"


def test_sites_and_names_that_are_let_in(tmp_path):
    site, keys = "https://shop.example", tmp_path / "keys"
    settings = ServiceSettings(data=tmp_path / "a", origins=(site,), hosts=("Buqi.Example",))
    with running(settings) as (url, _):
        both = {"Origin": site, "Sec-Fetch-Site": "cross-site", "Host": "buqi.example"}
        assert httpx.get(f"{url}/v1/jobs", headers=both).headers["access-control-allow-origin"] == site
        assert httpx.get(f"{url}/v1/jobs", headers={"Origin": "https://shop.example.evil"}).status_code == 403
    key = Keys.new(keys, "me")
    with running(ServiceSettings(data=tmp_path / "b", keys=keys)) as (url, _):  # no page has the key
        asked = {"Host": "buqi.example", "Origin": "https://x.example", "Authorization": f"Bearer {key}"}
        assert httpx.get(f"{url}/v1/jobs", headers=asked).status_code == 200
