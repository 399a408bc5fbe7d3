"""Requests that mean harm: each ends in the right status, and the service goes on."""

from __future__ import annotations

import gzip
import io
import json
import os
import shutil
import socket
import zipfile
from pathlib import Path

import httpx
import pytest


def post(client: httpx.Client, path: str, **options: object) -> int:
    return client.post(path, **options).status_code


def xlsx(entries: dict[str, bytes]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as book:
        for name, content in entries.items():
            book.writestr(name, content)
    return data.getvalue()


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({"text": "a", "texts": ["b"]}, 422),
        ({"texts": []}, 422),
        ({"texts": ["a"] * 1001}, 413),
        ({"text": "区" * 501}, 413),
        ({"text": "a", "mode": "rm"}, 422),
        ({"text": 5}, 422),
        ({"texts": [None]}, 422),
        ({"text": "\ud800"}, 422),
        ([], 422),
    ],
)
def test_bodies_of_complete(client, body, status):
    data = json.dumps(body).encode()
    assert post(client, "/v1/complete", content=data, headers={"Content-Type": "application/json"}) == status


def test_other_bad_requests(client):
    kind = {"Content-Type": "application/json"}
    assert post(client, "/v1/complete", content=b"{", headers=kind) == 422
    assert post(client, "/v1/complete", content=b"\xff\xfe", headers=kind) in (400, 422)
    assert post(client, "/v1/complete", content=b"[" * 50_000, headers=kind) in (400, 422)
    assert post(client, "/v1/complete", content=b'{"text": "' + b"a" * 70_000 + b'"}', headers=kind) == 413
    assert client.get("/v1/complete").status_code == 405
    assert client.get("/../../etc/passwd").status_code == 404
    assert client.get("/v1/jobs/..%2f..%2fetc").status_code == 404
    assert client.get("/v1/jobs/x'%20OR%20'1'='1").status_code == 404
    chat = {"model": "base", "messages": [{"role": "user", "content": "a"}]}
    assert post(client, "/v1/chat/completions", json=chat | {"temperature": 1}) == 422
    assert post(client, "/v1/chat/completions", json=chat | {"messages": []}) == 422
    assert post(client, "/v1/chat/completions", json=chat | {"messages": chat["messages"] * 2}) == 422
    assert post(client, "/v1/chat/completions", json=chat | {"model": "../x"}) == 404


def test_a_body_that_lies_about_its_length(client, served):
    def stream():
        for _ in range(200):
            yield b"a" * 1000

    assert post(client, "/v1/complete", content=stream(), headers={"Content-Type": "application/json"}) == 413
    host, port = served[0].removeprefix("http://").split(":")
    for length, expected in ((b"1000000000", b"413"), (b"-5", b"400"), (b"abc", b"400")):
        with socket.create_connection((host, int(port)), timeout=10) as raw:
            raw.sendall(b"POST /v1/complete HTTP/1.1\r\nHost: x\r\nContent-Length: " + length + b"\r\n\r\n")
            assert expected in raw.recv(1000).split(b"\r\n")[0]


def test_smuggled_headers(served, client):
    host, port = served[0].removeprefix("http://").split(":")
    smuggled = (
        b"POST /v1/complete HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nG",
        b"GET /healthz HTTP/1.1\r\nHost: x\r\nX: a\x00b\r\n\r\n",
        b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    )
    for data in smuggled:
        with socket.create_connection((host, int(port)), timeout=10) as raw:
            raw.sendall(data)
            reply = raw.recv(65536)
            assert not reply or reply.split(b" ")[1][:1] == b"4", reply[:100]
    assert client.get("/healthz").status_code == 200


UPLOADS = {
    "csv that is a program": ("a.csv", b"\x7fELF\x00\x00", 422),
    "csv that is a zip": ("a.csv", xlsx({"a": b"1"}), 422),
    "unknown kind": ("a.exe", b"MZ", 415),
    "no name": ("", b"a,b", 422),
    "parquet that is none": ("a.parquet", b"PAR0" * 9, 422),
    "xlsx that is a zip of something": ("a.xlsx", xlsx({"hello": b"1"}), 422),
    "gz that is none": ("a.csv.gz", b"hello", 422),
    "gz cut off": ("a.csv.gz", gzip.compress(b"a,b\n" * 1000)[:30], 422),
    "gz bomb": ("a.csv.gz", gzip.compress(b"0" * 30_000_000), 413),
    "xlsx bomb": ("a.xlsx", xlsx({"xl/workbook.xml": b"x", "xl/s.xml": b"0" * 30_000_000}), 413),
    "too large": ("a.csv", b"a,b\n" * 900_000, 413),
    "pickle": ("a.pkl", b"\x80\x04.", 415),
}


@pytest.mark.parametrize("case", list(UPLOADS))
def test_uploads(client, case):
    name, data, status = UPLOADS[case]
    assert client.post("/v1/jobs", files={"file": (name, data)}).status_code == status


def test_an_xlsx_whose_directory_lies(client):
    data = bytearray(xlsx({"xl/workbook.xml": b"x", "xl/s.xml": b"0" * 30_000_000}))
    at = data.rfind(b"PK\x01\x02")
    data[at + 24 : at + 28] = (1000).to_bytes(4, "little")  # the size that it says
    assert client.post("/v1/jobs", files={"file": ("a.xlsx", bytes(data))}).status_code in (413, 422)


@pytest.mark.parametrize("folder", ["../more", "/etc", "..", ".", "none", "link", "pickled", "a\x00b"])
def test_adapters_only_from_the_allowed_folder(client, served, folder, tmp_path):
    root: Path = served[1].settings.adapters_dir
    if not (root / "link").exists():
        outside = tmp_path / "outside"
        shutil.copytree(root / "more", outside)
        (root / "link").symlink_to(outside)
        shutil.copytree(root / "more", root / "pickled")
        (root / "pickled" / "adapter_model.bin").write_bytes(b"\x80\x04.")
        (root / "inner").mkdir()
        (root / "inner" / "adapter_model.safetensors").symlink_to("/etc/passwd")
    reply = client.post("/v1/adapters/evil", json={"folder": folder})
    assert reply.status_code in (403, 404, 422) and str(root) not in reply.text
    assert client.post("/v1/adapters/evil", json={"folder": "inner"}).status_code == 403
    assert [a["name"] for a in client.get("/v1/adapters").json()] == ["tuned"]


def test_adapter_names(client):
    for name in ("base", "buqi-address", "a b", "é", "x" * 80):
        assert client.post(f"/v1/adapters/{name}", json={"folder": "more"}).status_code == 422


def test_other_origins_are_closed(client):
    reply = client.get("/v1/models", headers={"Origin": "https://elsewhere.example"})
    assert "access-control-allow-origin" not in reply.headers
    assert (
        reply.headers["x-content-type-options"] == "nosniff"
        and "default-src 'self'" in reply.headers["content-security-policy"]
    )


def test_generated_requests_never_make_a_server_error(served):
    schemathesis = pytest.importorskip("schemathesis")
    from hypothesis import HealthCheck, given, settings

    schema = schemathesis.openapi.from_url(f"{served[0]}/openapi.json")
    counted = {"cases": 0}
    for result in schema.get_all_operations():
        operation = result.ok()
        if operation.path.endswith("/events"):
            continue  # a stream of a job that exists; covered by its own test

        @given(case=operation.as_strategy())
        @settings(max_examples=250, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        def ask(case):
            counted["cases"] += 1
            reply = case.call()
            assert reply.status_code < 500, (case.method, case.path, case.body, reply.text)

        ask()
    assert counted["cases"] >= 2000, counted
    assert os.path.exists(served[1].jobs.folder)
