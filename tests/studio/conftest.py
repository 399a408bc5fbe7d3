"""A studio as a process of its own, and what fills one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from buqi.studio.page import Page
from buqi.studio.studio import Studio, StudioSettings
from buqi.studio.texts import Texts
from tests.conftest import pairs, write_jsonl
from tests.serve.conftest import free_port

START_SECONDS = 120


class Server:
    """``buqi studio`` on a port of this machine; started again it is found at the same address."""

    def __init__(self, folder: Path, base: str, log: Path) -> None:
        self.folder, self.base, self.log, self.port = folder, base, log, free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen | None = None

    def start(self) -> Server:
        words = [sys.executable, "-m", "buqi", "studio", "--folder", self.folder, "--model", self.base]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen([*words, "--port", str(self.port)], stdout=log, stderr=log)
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                httpx.get(f"{self.address}/zh/", timeout=10)
                return self
            except httpx.TransportError:
                time.sleep(0.2)
        raise AssertionError(self.log.read_text())

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.kill()


@pytest.fixture
def server(tmp_path: Path, tiny: Path):
    with served(tmp_path, str(tiny)) as started:
        yield started


@pytest.fixture
def real_server(tmp_path: Path):
    with served(tmp_path, "embedded") as started:
        yield started


@contextmanager
def served(tmp_path: Path, base: str) -> Iterator[Server]:
    """Run a studio with a base; nothing that it began is left."""
    started = Server(tmp_path / "studio", base, tmp_path / "server.log")
    yield started.start()
    started.stop()
    for path in (tmp_path / "studio" / "jobs").glob("*/process.txt"):  # what a failed test left running
        with_process = int(path.read_text().split("-")[0])
        try:
            os.kill(with_process, signal.SIGKILL)
        except ProcessLookupError:
            continue


@pytest.fixture
def studio(tmp_path: Path, tiny: Path) -> Studio:
    """A studio that starts no jobs by itself."""
    return Studio(StudioSettings(tmp_path / "studio", str(tiny)))


@pytest.fixture
def page(studio: Studio) -> Page:
    """The English page of a studio, without a browser."""
    return Page(studio, Texts("en"))


@pytest.fixture
def run(page, tuned):
    """A page with a run and its rows."""
    (page.studio.folder.runs / "r").symlink_to(tuned / "out")
    write_jsonl(page.studio.folder.data / "data" / "train.json", pairs(5))
    write_jsonl(page.studio.folder.data / "data" / "test.json", pairs(3, start=200))
    return page
