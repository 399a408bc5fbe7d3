"""The API in use: addresses, chat with OpenAI's own client, adapters, jobs, figures."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from buqi.address.completer import Completer
from buqi.engine import Answer
from buqi.serve.models import Chat
from buqi.serve.problems import Problem
from tests.serve.conftest import free_port

TEXTS = ["碑林区扬子江南路467-6号", "扶风法门镇法门寺", "", "鼓楼区1号", "雁塔去小寨路1号"]


def test_addresses_are_completed_as_by_the_command(client):
    found = client.post("/v1/complete", json={"texts": TEXTS}).json()["completions"]
    assert found == [json.loads(json.dumps(c.as_json())) for c in Completer().complete_all(TEXTS)]
    one = client.post("/v1/complete", json={"text": TEXTS[0]}).json()["completions"]
    assert one == found[:1] and one[0]["county"] == "碑林区"


def test_concurrent_requests_get_their_own_answers(client):
    texts = [f"碑林区文昌路{i}号" for i in range(200)]

    def ask(text: str) -> str:
        return client.post("/v1/complete", json={"text": text}).json()["completions"][0]["full"]

    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(ask, texts)) == [f"陕西省西安市{text}" for text in texts]


def test_openais_client_lists_completes_and_streams(served):
    from openai import NotFoundError, OpenAI

    api = OpenAI(base_url=f"{served[0]}/v1", api_key="none")
    assert [m.id for m in api.models.list()][:3] == ["buqi-address", "base", "tuned"]
    ask = [{"role": "user", "content": TEXTS[0]}]
    reply = api.chat.completions.create(model="buqi-address", messages=ask)
    assert reply.choices[0].message.content == "陕西省西安市" + TEXTS[0]
    for model in ("buqi-address", "base", "tuned"):
        whole = api.chat.completions.create(model=model, messages=ask, max_tokens=12)
        pieces = list(api.chat.completions.create(model=model, messages=ask, max_tokens=12, stream=True))
        text = "".join(p.choices[0].delta.content or "" for p in pieces)
        assert text == whole.choices[0].message.content and pieces[-1].choices[0].finish_reason
        assert whole.usage.prompt_tokens > 0
    with pytest.raises(NotFoundError, match="is not loaded here"):
        api.chat.completions.create(model="gpt-9", messages=ask)


def test_chat_answers_are_the_engines(client, served):
    service = served[1]
    messages = [{"role": "user", "content": "say 5"}]
    for name in ("base", "tuned"):
        reply = client.post("/v1/chat/completions", json={"model": name, "messages": messages, "max_tokens": 8}).json()
        (alone,) = service.models.engine.generate([service.models.prompt(name, messages)], 8, name)
        assert reply["choices"][0]["message"]["content"] == alone.text


def test_one_step_answers_chats_of_all_adapters(served, monkeypatch):
    service = served[1]
    messages = [{"role": "user", "content": "say 5"}]
    prompt = service.models.prompt("base", messages)
    alone = {name: service.models.engine.generate([prompt], 8, name)[0].text for name in ("base", "tuned")}
    chats = [Chat("base", prompt), Chat("gone", prompt), Chat("tuned", prompt)]
    base, gone, tuned = service.models.generate(8, chats)
    assert (base.text, tuned.text) == (alone["base"], alone["tuned"])
    assert isinstance(gone, Problem) and gone.status == 404, "the others of its step have their answers"


def test_a_stream_comes_while_it_is_written(client, served, monkeypatch):
    seen = threading.Event()

    def generate(prompts, most, names, written=None):
        written(0, "一二")
        assert seen.wait(10), "the first piece is sent before the answer is whole"
        written(0, "三")
        return [Answer("一二三四", True)]

    monkeypatch.setattr(served[1].models.engine, "generate", generate)
    ask = {"model": "base", "stream": True, "messages": [{"role": "user", "content": "x"}]}
    ask["stream_options"] = {"include_usage": True}
    pieces = []
    with client.stream("POST", "/v1/chat/completions", json=ask) as reply:
        for line in filter(None, reply.iter_lines()):
            if line == "data: [DONE]":
                break
            event = json.loads(line.removeprefix("data: "))
            pieces += [choice["delta"].get("content") for choice in event["choices"]]
            if "一二" in pieces:
                seen.set()
    assert [piece for piece in pieces if piece] == ["一二", "三", "四"] and event["usage"]["completion_tokens"] > 0


def test_a_stream_that_fails_says_so(client, served, monkeypatch):
    def generate(prompts, most, names, written=None):
        written(0, "一")
        raise Problem(404, "gone", "model_not_found")

    monkeypatch.setattr(served[1].models.engine, "generate", generate)
    ask = {"model": "base", "stream": True, "messages": [{"role": "user", "content": "x"}]}
    lines = [line for line in client.post("/v1/chat/completions", json=ask).text.splitlines() if line]
    assert json.loads(lines[-1].removeprefix("data: "))["error"]["code"] == "model_not_found"
    assert client.post("/v1/chat/completions", json=ask | {"model": "nobody"}).status_code == 404


def test_adapters_come_and_go(client):
    assert client.post("/v1/adapters/second", json={"folder": "more"}).status_code == 200
    listed = {a["name"]: a for a in client.get("/v1/adapters").json()}
    assert set(listed) == {"tuned", "second"} and listed["second"]["bytes"] > 1000 and listed["second"]["curve"]
    assert client.get("/v1/adapters/second/curve").content[:4] == b"\x89PNG"
    ask = {"model": "second", "messages": [{"role": "user", "content": "say 1"}], "max_tokens": 4}
    assert client.post("/v1/chat/completions", json=ask).status_code == 200
    full = client.post("/v1/adapters/third", json={"folder": "more"})
    assert full.status_code == 409 and "no more than 2" in full.json()["error"]["message"]
    assert client.delete("/v1/adapters/second").status_code == 204
    assert client.delete("/v1/adapters/second").status_code == 404
    assert client.post("/v1/chat/completions", json=ask).status_code == 404


def upload(client: httpx.Client, name: str, data: bytes, **form: str) -> httpx.Response:
    return client.post("/v1/jobs", files={"file": (name, data)}, data=form)


def wait_for(client: httpx.Client, job: str, seconds: float = 60) -> dict:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = client.get(f"/v1/jobs/{job}").json()
        if found["status"] not in ("queued", "running"):
            return found
        time.sleep(0.1)
    raise AssertionError(f"the job did not end: {found}")


def test_a_file_is_completed(client):
    data = "id,地址\n1,碑林区1号\n2,=cmd|calc\n3,nothing\n".encode()
    job = upload(client, "../../etc/客户.csv", data).json()
    assert job["name"] == "客户.csv" and job["status"] == "queued"
    with client.stream("GET", f"/v1/jobs/{job['id']}/events") as events:
        told = [json.loads(line[6:]) for line in events.iter_lines() if line.startswith("data: ")]
    assert told[-1]["status"] == "done" and told[-1]["rows"] == 3 and sum(told[-1]["counts"].values()) == 3
    reply = client.get(f"/v1/jobs/{job['id']}/result")
    assert "completed.csv" in reply.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(reply.content.decode())))
    assert rows[0]["county"] == "碑林区" and rows[1]["地址"] == "'=cmd|calc" and rows[1]["full"] == "'=cmd|calc"
    assert client.get(f"/v1/jobs/{job['id']}/review").status_code == 200
    assert job["id"] in [j["id"] for j in client.get("/v1/jobs").json()]
    assert client.delete(f"/v1/jobs/{job['id']}").status_code == 204
    assert client.get(f"/v1/jobs/{job['id']}").status_code == 404


def test_a_job_that_cannot_be_done_says_why_without_paths(client):
    job = upload(client, "x.csv", b"a,b\n1,2\n").json()
    found = wait_for(client, job["id"])
    assert found["status"] == "failed" and "Name it with" in found["error"] and "/" not in found["error"].split("?")[0]
    assert client.get(f"/v1/jobs/{job['id']}/result").status_code == 409
    named = upload(client, "x.csv", b"a,b\n1,2\n", column="b").json()
    assert wait_for(client, named["id"])["status"] == "done"


def test_figures(client):
    client.post("/v1/complete", json={"text": "碑林区1号"})
    text = client.get("/metrics").text
    assert 'buqi_requests_total{method="POST",route="/v1/complete",status="200"}' in text
    assert 'buqi_addresses_total{status="partial"}' in text and "process_resident_memory_bytes" in text
    assert client.get("/healthz").json() == {"status": "ok"} and client.get("/readyz").status_code == 200
    assert "碑林区" not in text


def test_a_killed_service_finishes_its_job_after_the_restart(tmp_path):
    rows = "".join(f"{i},{TEXTS[0]}{i}\n" for i in range(20_000))
    port = free_port()
    command = [sys.executable, "-m", "buqi", "serve", "--port", str(port), "--data", str(tmp_path / "data")]
    base = f"http://127.0.0.1:{port}"

    def start() -> subprocess.Popen[bytes]:
        process = subprocess.Popen(command, stderr=subprocess.DEVNULL, env=os.environ | {"COLUMNS": "80"})
        for _ in range(600):
            try:
                if httpx.get(f"{base}/readyz").status_code == 200:
                    return process
            except httpx.HTTPError:
                time.sleep(0.1)
        raise AssertionError("the service did not start")

    process = start()
    with httpx.Client(base_url=base, timeout=60) as client:
        job = upload(client, "many.csv", f"id,address\n{rows}".encode()).json()["id"]
        while client.get(f"/v1/jobs/{job}").json()["rows"] < 2000:
            time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    process = start()
    try:
        with httpx.Client(base_url=base, timeout=60) as client:
            found = wait_for(client, job, 120)
            assert found["status"] == "done" and found["rows"] == 20_000
            result = list(csv.DictReader(io.StringIO(client.get(f"/v1/jobs/{job}/result").text)))
        assert [row["id"] for row in result] == [str(i) for i in range(20_000)]
        assert all(row["county"] == "碑林区" for row in result)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) in (0, -signal.SIGTERM)
    finally:
        process.kill()


def test_nothing_of_an_upload_that_failed_is_left(client, served):
    folder: Path = served[1].jobs.folder
    before = sorted(folder.iterdir())
    assert upload(client, "x.xlsx", b"PK no").status_code == 422
    assert upload(client, "x.csv", b"").status_code == 422
    assert sorted(folder.iterdir()) == before
