"""Attacks on a service that runs: it is not stopped, not used by others, and keeps nothing that it should not."""

from __future__ import annotations

import json
import os
import shutil
import socket
import threading
import time
from pathlib import Path

import httpx
import polars as pl
import pytest

from buqi.serve import ServiceSettings
from buqi.serve.door import HEAD_BYTES, URL_BYTES
from buqi.serve.guard import Keys
from tests.serve.conftest import TEXTS, running, upload, wait_for

SECRET = "碑林区机密路31415号"


def connect(url: str) -> socket.socket:
    host, port = url.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)), timeout=20)


def flood(raw: socket.socket, piece: bytes, most: int) -> tuple[int, bytes]:
    """Send ``piece`` until the other side has had enough; return how many bytes went out and what was answered."""
    sent = 0
    try:
        while sent < most:
            raw.sendall(piece)
            sent += len(piece)
    except OSError:
        pass
    answer = b""
    try:
        while more := raw.recv(4096):
            answer += more
    except OSError:
        pass
    return sent, answer


HEADS = {
    "a header line": (b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: ", b"a" * 65536, b"431"),
    "header lines": (b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n", b"x: y\r\n" * 9000, b"431"),
    "a header's name": (b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n", b"a" * 65536, b"431"),
    "a url": (b"GET /", b"a" * 65536, b"414"),
    "a trailer": (
        b"POST /v1/complete HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n1\r\n0\r\nX: ",
        b"a" * 65536,
        b"",
    ),
    "the extension of a chunk": (
        b"POST /v1/complete HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n1;",
        b"a" * 65536,
        b"",
    ),
}


@pytest.mark.parametrize("what", list(HEADS))
def test_a_head_that_never_ends(attacked, client, what):
    start, piece, status = HEADS[what]
    slowest = 0.0
    with connect(attacked[0]) as raw:
        raw.sendall(start)
        sending = threading.Thread(target=lambda: answers.append(flood(raw, piece, 100_000_000)))
        answers: list[tuple[int, bytes]] = []
        sending.start()
        while sending.is_alive():
            began = time.monotonic()
            assert client.get("/healthz").status_code == 200
            slowest = max(slowest, time.monotonic() - began)
            time.sleep(0.02)
    sent, answer = answers[0]
    assert sent < 100_000_000 and slowest < 1.0, "it was stopped, and nobody waited for it"
    assert not answer or answer[9:12] == status or answer[9:10] == b"4", answer[:80]


def test_what_is_just_short_enough_is_taken_and_what_is_longer_is_told_why(client):
    assert client.get("/healthz", headers={"X": "a" * (HEAD_BYTES - 6000)}).status_code == 200
    assert client.get("/healthz?" + "a" * (URL_BYTES - 10)).status_code == 200
    assert client.get("/healthz", headers={"X": "a" * (HEAD_BYTES + 9000)}).status_code == 431
    long = client.get("/healthz?" + "a" * (URL_BYTES + 10))
    assert long.status_code == 414 and long.json()["error"]["code"] == "url_too_long"
    body = {"texts": [TEXTS[0]] * 900}  # a body may be longer than a head
    assert client.post("/v1/complete", json=body).status_code == 200


def test_a_head_in_many_pieces_and_requests_in_one(attacked):
    request = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with connect(attacked[0]) as raw:
        for byte in request:
            raw.sendall(bytes([byte]))
        assert raw.recv(4096)[9:12] == b"200"
        raw.sendall(request * 200)
        found = b""
        while found.count(b"HTTP/1.1 200") < 200:
            found += raw.recv(65536)


def test_two_hundred_slow_sockets(tmp_path):
    with running(ServiceSettings(data=tmp_path / "data", patience=1.5)) as (url, _):
        held = [connect(url) for _ in range(200)]
        starts = (b"", b"G", b"POST /v1/complete HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900\r\n\r\n{")
        for number, raw in enumerate(held):
            raw.sendall(starts[number % 3])
        with httpx.Client(base_url=url, timeout=20) as client:
            for _ in range(20):
                began = time.monotonic()
                assert client.post("/v1/complete", json={"text": TEXTS[0]}).status_code == 200
                assert time.monotonic() - began < 2
            until = time.monotonic() + 10
            for raw in held:
                raw.settimeout(max(0.1, until - time.monotonic()))
                assert raw.recv(4096)[9:12] == b"408"
                raw.close()


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


def lying(parquet: bytes, rows: int, said: int) -> bytes:
    """Return a parquet file whose footer says another number of rows (Thrift's compact form, zigzag)."""

    def number(value: int) -> bytes:
        value, found = value * 2, b""
        while value > 127:
            found, value = found + bytes([value & 127 | 128]), value >> 7
        return found + bytes([value])

    size = int.from_bytes(parquet[-8:-4], "little")
    head, footer = parquet[: -8 - size], parquet[-8 - size : -8]
    assert footer.count(number(rows)) >= 2
    footer = footer.replace(number(rows), number(said))
    return head + footer + len(footer).to_bytes(4, "little") + b"PAR1"


def parquet(tmp_path: Path, frame: pl.DataFrame) -> bytes:
    frame.write_parquet(tmp_path / "x.parquet")
    return (tmp_path / "x.parquet").read_bytes()


def test_parquet_files_that_stand_for_more(client, tmp_path):
    honest = parquet(tmp_path, pl.DataFrame({"address": [TEXTS[0]] * 54321}))
    cases = {
        "many rows": parquet(tmp_path, pl.select(address=pl.repeat(TEXTS[0], 9_000_000))),
        "long texts": parquet(tmp_path, pl.DataFrame({"address": ["字" * 9000] * 40_000})),
        "one long list": parquet(tmp_path, pl.DataFrame({"l": [pl.zeros(9_000_000, pl.Int64, eager=True)]})),
        "a footer that says more": lying(honest, 54321, 10**12),
    }  # fmt: skip
    for what, data in cases.items():
        began = time.monotonic()
        reply = upload(client, "a.parquet", data)
        assert len(data) < 3_000_000 and reply.status_code in (413, 422), (what, len(data), reply.text)
        assert reply.status_code == 413 or "footer" in what
        assert time.monotonic() - began < 30
    for said in (54320, 60_000, 2_400_000):  # what it says is allowed: it is done, refused or fails in one sentence
        reply = upload(client, "a.parquet", lying(honest, 54321, said))
        assert reply.status_code in (202, 413, 422)
        if reply.status_code == 202:
            found = wait_for(client, reply.json()["id"], 120)
            assert found["status"] in ("done", "failed") and "\n" not in found["error"]
    for at in range(4, len(honest), max(1, len(honest) // 12)):
        broken = bytearray(honest)
        broken[at] ^= 0xFF
        assert upload(client, "a.parquet", bytes(broken)).status_code in (202, 413, 422)
    assert client.get("/readyz").status_code == 200
    good = upload(client, "a.parquet", parquet(tmp_path, pl.DataFrame({"address": TEXTS}))).json()["id"]
    assert wait_for(client, good, 120)["status"] == "done"


def changed(folder: Path, name: str, **config: object) -> str:
    """Make an adapter like the good one with another configuration; return its name."""
    shutil.copytree(folder / "good", folder / name, dirs_exist_ok=True)
    (folder / name / "seal.json").unlink(missing_ok=True)
    path = folder / name / "adapter_config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | config))
    return name


CONFIGS = [
    {"target_modules": "(a+)+$"},
    {"target_modules": r"(.*)*(.*)*(.*)*(.*)*x"},
    {"target_modules": ["(q|q)*_proj"]},
    {"target_modules": "q_proj", "exclude_modules": "(.*a)*b"},
    {"layers_pattern": "(.*a)*b", "layers_to_transform": [0]},
    {"rank_pattern": {"((.*)*)*x": 4}},
    {"alpha_pattern": {"((.*)*)*x": 4}},
    {"target_modules": 5},
    {"target_modules": []},
    {"r": 10**9},
    {"r": "8"},
    {"r": -1},
    {"peft_type": "IA3"},
    {"peft_type": None},
    {"lora_alpha": "x"},
    {"layer_replication": [[0, 10**6]]},
]


@pytest.mark.parametrize("number", range(len(CONFIGS)))
def test_adapters_that_say_what_they_should_not(client, attacked, number):
    root = attacked[1].settings.adapters_dir
    name = changed(root, f"config{number}", **CONFIGS[number])
    began = time.monotonic()
    reply = client.post("/v1/adapters/evil", json={"folder": name})
    assert reply.status_code in (409, 422), (CONFIGS[number], reply.text)
    message = reply.json()["error"]["message"]
    assert time.monotonic() - began < 5 and str(root) not in message and "\n" not in message
    assert client.get("/v1/adapters").json() == [], "nothing of it is left"


FILES = {
    "no json": ("adapter_config.json", b"{"),
    "a list": ("adapter_config.json", b"[1]"),
    "a text": ("adapter_config.json", b'"LORA"'),
    "no utf-8": ("adapter_config.json", b"\xff\xfe\x00"),
    "brackets": ("adapter_config.json", b"[" * 100_000),
    "no weights": ("adapter_model.safetensors", b""),
    "weights of nothing": ("adapter_model.safetensors", b"\x02\x00\x00\x00\x00\x00\x00\x00{}"),
    "a header of 2^60 bytes": ("adapter_model.safetensors", b"\x00" * 7 + b"\x10" + b"{}"),
    "a run of lists": ("run.json", b"[]"),
    "a base that is a text": ("run.json", b'{"base": "x"}'),
    "a task of nothing": ("task.json", b"{}"),
    "a task of lists": ("task.json", b'{"name": [], "template": [], "system": 5}'),
}


@pytest.mark.parametrize("what", list(FILES))
def test_adapters_with_broken_files(client, attacked, what):
    root = attacked[1].settings.adapters_dir
    name = changed(root, what.replace(" ", "-"))
    (root / name / FILES[what][0]).write_bytes(FILES[what][1])
    reply = client.post("/v1/adapters/evil", json={"folder": name})
    assert reply.status_code == 422, reply.text
    assert str(root) not in reply.text and "\n" not in reply.json()["error"]["message"]
    assert client.get("/v1/adapters").json() == []


@pytest.mark.parametrize("folder", ["\ud800", "a" * 300, "字" * 300, "good/adapter_config.json", "\x00", "good/../.."])
def test_folders_that_are_none(client, folder):
    body = json.dumps({"folder": folder}).encode()
    reply = client.post("/v1/adapters/evil", content=body, headers={"Content-Type": "application/json"})
    assert reply.status_code in (403, 404, 422)
    odd = client.post(
        "/v1/complete", content=json.dumps({folder: 1}).encode(), headers={"Content-Type": "application/json"}
    )
    assert odd.status_code == 422, "a key with half a character"


def modes(folder: Path) -> dict[str, str]:
    return {str(p): oct(p.stat().st_mode & 0o777) for p in [folder, *folder.rglob("*")]
            if p.stat().st_mode & 0o777 != (0o700 if p.is_dir() else 0o600)}  # fmt: skip


def holding(folder: Path, text: str) -> list[Path]:
    """Return the files below ``folder`` that hold a text."""
    needles = [text.encode(), text.encode("utf-16-le"), json.dumps(text).strip('"').encode(), text[:8].encode()]
    return [p for p in folder.rglob("*") if p.is_file() and any(n in p.read_bytes() for n in needles)]


def test_only_the_owner_reads_and_what_is_deleted_is_gone(tmp_path, monkeypatch):
    monkeypatch.setenv("BUQI_CACHE", str(tmp_path / "cache"))
    before = os.umask(0o022)
    try:
        with running(ServiceSettings(data=tmp_path / "data")) as (url, service), httpx.Client(base_url=url) as client:
            jobs = [upload(client, f"{SECRET}.csv", f"address\n{SECRET}\n".encode()).json()["id"] for _ in range(2)]
            jobs += [upload(client, f"{SECRET}.jsonl", f'{{"address": "{SECRET}"}}\n'.encode()).json()["id"]]
            jobs += [upload(client, f"{SECRET}.csv", f"{SECRET},b\n1,2\n".encode()).json()["id"]]  # fails, and says why
            assert [wait_for(client, job)["status"] for job in jobs] == ["done", "done", "done", "failed"]
            assert modes(service.jobs.folder) == {}
            assert holding(tmp_path, SECRET), "while the jobs are there"
            for job in jobs:
                assert client.delete(f"/v1/jobs/{job}").status_code == 204
            assert holding(tmp_path, SECRET) == []
            assert [p.name for p in service.jobs.folder.iterdir() if p.is_dir()] == []
        assert holding(tmp_path, SECRET) == []
    finally:
        os.umask(before)


def test_a_job_deleted_while_it_runs_and_an_upload_cut_off_leave_nothing(tmp_path):
    with running(ServiceSettings(data=tmp_path / "data")) as (url, service), httpx.Client(base_url=url) as client:
        rows = "".join(f"{SECRET}{n}\n" for n in range(30_000))
        job = upload(client, "a.csv", f"address\n{rows}".encode()).json()["id"]
        while client.get(f"/v1/jobs/{job}").json()["rows"] == 0:
            time.sleep(0.02)
        assert client.delete(f"/v1/jobs/{job}").status_code == 204
        with connect(url) as raw:
            head = b"POST /v1/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=x\r\n"
            form = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
            raw.sendall(head + b"Content-Length: 900000\r\n\r\n" + form + SECRET.encode() * 1000)
        time.sleep(0.5)
        assert holding(tmp_path, SECRET) == [] and [p for p in service.jobs.folder.iterdir() if p.is_dir()] == []
    stray = tmp_path / "data" / "jobs" / ("0" * 24)
    stray.mkdir()
    (stray / "in.csv").write_text(SECRET)
    with running(ServiceSettings(data=tmp_path / "data")):
        assert not stray.exists(), "an upload of a service that was killed"
