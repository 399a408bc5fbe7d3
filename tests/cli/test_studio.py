"""``buqi studio``: where it listens, and that one folder has one studio."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

from buqi.lock import LOCK, locked
from tests.helpers import buqi


@pytest.fixture
def started(monkeypatch):
    """What would be served, without serving it."""
    found: dict = {}
    monkeypatch.setattr("uvicorn.run", lambda app, **options: found.update(options))
    made = lambda studio, service, token: found.update(studio=studio, service=service, token=token)  # noqa: E731
    monkeypatch.setattr("buqi.studio.app.create_app", made)
    return found


def test_this_machine_alone_needs_no_token(started, tmp_path):
    said = buqi("studio", "--folder", tmp_path / "s", "--upload_mb", 3).stderr
    assert said.startswith("starting; on a busy machine")
    assert "http://127.0.0.1:8100/ " in said and started["token"] == "" and started["host"] == "127.0.0.1"
    assert started["studio"].settings.base == "embedded" and started["service"].upload_bytes == 3_000_000
    assert not started["service"].any_address and (tmp_path / "s" / "runs").is_dir()


def test_other_machines_need_the_token_in_the_address(started, tmp_path):
    said = buqi("studio", "--folder", tmp_path / "s", "--host", "0.0.0.0", "--host_name", "studio.internal").stderr
    (token,) = re.findall(r"http://localhost:8100/\?token=(\S+)", said.replace("\n", ""))
    assert token == started["token"] and len(token) >= 32
    assert "studio.internal" in started["service"].hosts and started["service"].any_address


def test_one_studio_at_a_time(started, tmp_path):
    with locked(tmp_path / "s" / LOCK, "buqi studio"):
        said = buqi("studio", "--folder", tmp_path / "s", code=1).stderr
    assert "busy there already (buqi studio)" in said and started == {}


def test_what_is_missing_is_named(monkeypatch, tmp_path):
    monkeypatch.setitem(__import__("sys").modules, "gradio", None)
    said = buqi("studio", "--folder", tmp_path / "s", code=1).stderr
    assert "pip install 'fastapi" in said and "'gradio>=" in said and not (tmp_path / "s").exists()


def test_variables_of_other_pages_are_not_read(tmp_path):
    environment = os.environ | {"GRADIO_SERVER_PORT": "none", "PYTHONPATH": os.getcwd()}
    (tmp_path / "file").write_text("")
    command = [sys.executable, "-m", "buqi", "studio", "--folder", str(tmp_path / "file")]
    ended = subprocess.run(command, env=environment, capture_output=True, check=False)
    assert ended.returncode in (1, 2) and "defect" not in ended.stderr.decode(), "the folder alone is wrong"
