"""Requests that Hypothesis makes, to every route: each has its answer, none has 500, and no trace is in a log."""

from __future__ import annotations

import json
import logging
from collections import Counter
from urllib.parse import quote

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.serve.conftest import TEXTS

TEXT = st.text(max_size=30) | st.sampled_from(
    ["", "..", "\x00", "\ud800", "a" * 400, "base", "good", "buqi-address", TEXTS[0]]
)
NUMBER = st.integers() | st.floats() | st.sampled_from([10**400, -1, 0, 1, 2**63])
VALUE = st.recursive(
    st.none() | st.booleans() | NUMBER | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=10,
)
KEYS = [
    "text",
    "texts",
    "rows",
    "city",
    "contact",
    "folder",
    "model",
    "messages",
    "temperature",
    "max_tokens",
    "stream",
    "stream_options",
    "n",
]
MESSAGE = st.fixed_dictionaries(
    {"role": st.sampled_from(["system", "user", "assistant"]) | VALUE, "content": TEXT | VALUE}
)
CHAT = st.fixed_dictionaries(
    {"model": st.sampled_from(["base", "buqi-address"]) | TEXT, "messages": st.lists(MESSAGE, max_size=4) | VALUE},
    optional={
        "max_tokens": NUMBER,
        "stream": st.booleans(),
        "temperature": NUMBER,
        "stream_options": VALUE,
        "stop": VALUE,
        "top_p": NUMBER,
        "seed": VALUE,
        "tools": VALUE,
    },
)
BODY = st.one_of(
    st.builds(lambda value: json.dumps(value).encode(), st.dictionaries(st.sampled_from(KEYS), VALUE) | CHAT | VALUE),
    st.binary(max_size=300),
    st.sampled_from([b"[" * 100_000, b'{"text": ' * 5000, b"1" * 5000, b"\xef\xbb\xbf{}", b"NaN", b'"\\ud800"']),
)
PARTS = st.sampled_from(["file", "column", "sheet"]) | TEXT.map(lambda text: text.encode("utf-8", "replace").decode())
FILE_NAMES = st.sampled_from(["a.csv", "a.xlsx", "a.parquet", "a.csv.gz", "a.jsonl", "a", "../.csv", "\x00.tsv"])
FORM = st.lists(st.tuples(PARTS, FILE_NAMES | st.none(), st.binary(max_size=200)), max_size=4)
HEADERS = st.dictionaries(
    st.sampled_from(["Accept", "Range", "Content-Type", "X-Api-Key", "Authorization", "Cookie", "If-None-Match", "X-A",
                     "Access-Control-Request-Method", "Content-Encoding"]),
    st.text(st.characters(min_codepoint=33, max_codepoint=255), max_size=40)
    | st.sampled_from(["bytes=0-", "bytes=9-1", "application/json", "multipart/form-data",
                       "multipart/form-data; boundary=x", "application/x-www-form-urlencoded", "Bearer \xe9"]),
    max_size=3,
)  # fmt: skip


def body_of(form: list[tuple[str, str | None, bytes]]) -> bytes:
    lines = b""
    for name, file, data in form:
        named = f'; filename="{file}"' if file is not None else ""
        lines += f'--x\r\nContent-Disposition: form-data; name="{name}"{named}\r\n\r\n'.encode() + data + b"\r\n"
    return lines + b"--x--\r\n"


def asked(client: httpx.Client, method: str, path: str, query: str, headers: dict[str, str], content: bytes) -> int:
    """Send a request and read a bit of the answer: some have no end."""
    fields = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    with client.stream(method, f"{path}?{quote(query)}" if query else path, headers=fields, content=content) as reply:
        for _ in reply.iter_raw():
            break
        return reply.status_code


def _attack(client: httpx.Client, method: str, path: str, examples: int, statuses: Counter[int]) -> None:
    """Send made requests to one route and count what is answered."""
    names = st.lists(TEXT, min_size=3, max_size=3)

    @settings(max_examples=examples, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(names=names, query=TEXT, headers=HEADERS, body=BODY, form=st.none() | FORM)
    def send(names, query, headers, body, form):
        named = path
        for name in names:
            start, brace, rest = named.partition("{")
            if brace:
                named = start + quote(name.encode("utf-8", "replace"), safe="") + rest.partition("}")[2]
        if form is not None:
            body, headers = body_of(form), headers | {"Content-Type": "multipart/form-data; boundary=x"}
        headers = {"Content-Type": "application/json"} | headers
        status = asked(client, method, named, query.encode("utf-8", "replace").decode(), headers, body)
        statuses[status] += 1
        assert status < 500, (method, named, query, headers, body[:300])

    send()


@pytest.mark.parametrize("examples", [15, pytest.param(60, marks=pytest.mark.long)])
def test_every_route(attacked, caplog, examples):
    url = attacked[0]
    statuses: Counter[int] = Counter()
    with httpx.Client(base_url=url, timeout=60) as client:
        described = client.get("/openapi.json").json()["paths"]
        known = [(method.upper(), path) for path, methods in described.items() for method in methods]
        known += [("GET", "/"), ("GET", "/docs"), ("OPTIONS", "/v1/jobs"), ("PUT", "/{a}"), ("BREW", "/v1/{a}")]
        assert len(known) > 20
        for method, path in known:
            _attack(client, method, path, examples, statuses)
        for job in client.get("/v1/jobs").json():
            client.delete(f"/v1/jobs/{job['id']}")
        assert client.get("/readyz").status_code == 200
    print(f"{statuses.total()} requests: {dict(statuses)}")
    assert not [r for r in caplog.records if r.levelno >= logging.ERROR or r.exc_info], "no trace in a log"
    assert {200, 404, 422} <= set(statuses)
