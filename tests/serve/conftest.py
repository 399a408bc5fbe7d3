from __future__ import annotations

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
from buqi.serve.door import door


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
        app, port=port, log_config=None, access_log=False, timeout_keep_alive=10, http=door(app.state.service.limits),
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
    import shutil

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
