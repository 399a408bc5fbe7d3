"""Which names and pages may ask where no key says who asks."""

from __future__ import annotations

from dataclasses import replace

import pytest

from buqi.serve import ServiceSettings
from buqi.serve.browsers import check_browser
from buqi.serve.problems import Problem


@pytest.fixture
def settings(tmp_path):
    return ServiceSettings(data=tmp_path)


def status(settings, *headers: tuple[str, str], method: str = "POST") -> int:
    try:
        check_browser(method, [(name.encode(), value.encode()) for name, value in headers], settings)
    except Problem as problem:
        return problem.status
    return 200


@pytest.mark.parametrize(
    ("host", "known"),
    [("localhost", 200), ("a.localhost:1", 200), ("127.9.9.9", 200), ("[::1]", 200), ("192.0.2.1", 403), ("shop", 403),
     ("localhost.x", 403), ("user@localhost", 403), ("localhost/x", 403), ("localhost@x", 403), ("[", 403), ("", 403)],
)  # fmt: skip
def test_names_of_this_machine(settings, host, known):
    assert status(settings, ("host", host)) == known


def test_names_and_addresses_that_are_meant(settings):
    named = replace(settings, hosts=("Shop.example",))
    assert status(named, ("host", "shop.example.:80")) == 200 and status(named, ("host", "x.shop.example")) == 403
    opened = replace(settings, any_address=True)
    assert status(opened, ("host", "192.0.2.1")) == 200 and status(opened, ("host", "evil.example")) == 403


def test_pages(settings):
    host = ("host", "localhost:8000")
    assert status(settings, host, ("origin", "http://localhost:8000")) == 200
    for origin in ("http://localhost:9", "null", "https://evil.example", "localhost:8000", "http://["):
        assert status(settings, host, ("origin", origin)) == 403
    allowed = replace(settings, origins=("https://shop.example/",))
    assert status(allowed, host, ("origin", "https://shop.example"), ("sec-fetch-site", "cross-site")) == 200
    assert status(replace(settings, origins=("*",)), host, ("origin", "null")) == 200
    cross = (host, ("sec-fetch-site", "cross-site"))
    assert status(settings, *cross, method="GET") == 403
    link = (*cross, ("sec-fetch-mode", "navigate"))
    assert status(settings, *link, method="GET") == 200 and status(settings, *link, method="POST") == 403
    assert status(settings) == 400 and status(settings, host, host) == 400
