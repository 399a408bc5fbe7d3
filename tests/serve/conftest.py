"""Services that run, and what is asked of them."""

from __future__ import annotations

import shutil
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn

from buqi.answering import AnswerOptions
from buqi.serve import ServiceSettings, create_app
from buqi.serve.connections import connection_class

TEXTS = ["碑林区扬子江南路467-6号", "扶风法门镇法门寺", "", "鼓楼区1号", "雁塔去小寨路1号"]


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def running(settings: ServiceSettings) -> Iterator[tuple[str, Any]]:
    """A real server on a port of this machine."""
    app = create_app(settings)
    port = free_port()
    config = uvicorn.Config(
        app, port=port, log_config=None, access_log=False, timeout_keep_alive=10,
        http=connection_class(app.state.service.limits),
    )  # fmt: skip
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    try:
        yield f"http://127.0.0.1:{port}", app.state.service
    finally:
        server.should_exit = True
        thread.join(timeout=60)


@pytest.fixture(scope="package")
def served(tuned: Path, tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Any]]:
    """A service with a tiny model, one adapter, and a folder to load more from."""

    root = tmp_path_factory.mktemp("served")
    skip = shutil.ignore_patterns("checkpoint-*", "runs", "best", "last")
    shutil.copytree(tuned / "out", root / "adapters" / "more", ignore=skip)
    settings = ServiceSettings(
        data=root / "data",
        chat=AnswerOptions("generate", model=str(tiny), engine="torch"),
        adapters={"tuned": tuned / "out"},
        adapters_dir=root / "adapters",
        body_bytes=60_000,
        upload_bytes=3_000_000,
        unpacked_bytes=20_000_000,
        most_adapters=2,
    )
    with running(settings) as found:
        yield found


@pytest.fixture
def client(served: tuple[str, Any]) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=served[0], timeout=60) as http:
        yield http


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


def post(client: httpx.Client, path: str, **options: object) -> int:
    return client.post(path, **options).status_code
