"""A service that the attacks are made on."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from buqi.answering import AnswerOptions
from buqi.serve import ServiceSettings
from tests.serve.conftest import running


@pytest.fixture(scope="module")
def attacked(tuned: Path, tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Any]]:
    """A service without keys, with a tiny model and a folder of adapters; its address and itself."""
    root = tmp_path_factory.mktemp("attacked")
    skip = shutil.ignore_patterns("checkpoint-*", "runs", "best", "last")
    shutil.copytree(tuned / "out", root / "adapters" / "good", ignore=skip)
    settings = ServiceSettings(
        data=root / "data",
        chat=AnswerOptions("generate", model=str(tiny), engine="torch"),
        adapters_dir=root / "adapters",
        upload_bytes=3_000_000,
        unpacked_bytes=20_000_000,
        max_tokens=8,
    )
    with running(settings) as found:
        yield found


@pytest.fixture
def client(attacked: tuple[str, Any]) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=attacked[0], timeout=60) as http:
        yield http


def connect(url: str) -> socket.socket:
    host, port = url.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)), timeout=20)
