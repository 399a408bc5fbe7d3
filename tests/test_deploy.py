"""The container without a daemon: what its file copies is there, and its entrypoint starts on an empty volume."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import httpx

from buqi.cli.main import app
from tests.serve.conftest import free_port

ROOT = Path(__file__).parents[1]
FILE = (ROOT / "deploy" / "Dockerfile").read_text(encoding="utf-8")


def steps(word: str) -> list[str]:
    """Return what stands behind a word of the file, a continued line as one."""
    lines = FILE.replace("\\\n", " ").splitlines()
    return [line.removeprefix(word).strip() for line in lines if line.startswith(f"{word} ")]


def test_what_it_copies_is_there():
    copied = steps("COPY")
    assert copied
    for step in copied:
        *sources, _ = shlex.split(step)
        assert [name for name in sources if not (ROOT / name).exists()] == []
    (built,) = (step for step in steps("RUN") if "pip install" in step)
    extras = re.search(r"\[(.*?)\]", built)[1].split(",")
    described = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert all(re.search(rf"^{extra} = \[", described, re.MULTILINE) for extra in extras)


@contextmanager
def container(volume: Path, *more: str):
    """Run the entrypoint with a folder as its volume; yield where it listens and what it says."""
    port = free_port()
    words = json.loads(steps("ENTRYPOINT")[0])
    words = [word.replace("/data", str(volume)) for word in words]
    settings = dict(pair.split("=", 1) for step in steps("ENV") for pair in step.split())
    environment = os.environ | {name: value.replace("/data", str(volume)) for name, value in settings.items()}
    log = volume.parent / f"{port}.log"
    with log.open("w") as said:
        command = [sys.executable, "-m", "buqi", *words[1:], "--port", str(port), *more]
        process = subprocess.Popen(command, env=environment | {"PYTHONPATH": str(ROOT)}, stderr=said, cwd=volume)
        try:
            yield port, log, process
        finally:
            process.terminate()
            process.wait(timeout=60)


def healthy(port: int) -> bool:
    """Run the file's health check."""
    words = json.loads(re.search(r"CMD (\[.*\])", steps("HEALTHCHECK")[0])[1])
    script = words[2].replace(":8000/", f":{port}/")
    return subprocess.run([sys.executable, "-c", script], capture_output=True, check=False).returncode == 0


def wait_until_healthy(port: int, process: subprocess.Popen, log: Path) -> None:
    deadline = time.monotonic() + 120
    while not healthy(port):
        assert process.poll() is None and time.monotonic() < deadline, log.read_text()
        time.sleep(0.5)


def test_the_first_start_makes_a_key_and_the_next_keeps_it(tmp_path):
    volume = tmp_path / "volume"
    volume.mkdir()
    asked = {"text": "扶风法门镇法门寺"}
    with container(volume) as (port, log, process):
        wait_until_healthy(port, process, log)
        key = re.search(r"buqi-[\w-]{43}\b", log.read_text())[0]
        assert httpx.post(f"http://127.0.0.1:{port}/v1/complete", json=asked).status_code == 401
        headers = {"Authorization": f"Bearer {key}"}
        found = httpx.post(f"http://127.0.0.1:{port}/v1/complete", json=asked, headers=headers, timeout=60).json()
        assert found["completions"][0]["full"] == "陕西省宝鸡市扶风县法门镇法门寺"
        page = httpx.get(f"http://127.0.0.1:{port}/docs").text
        assert "http://" not in page and "https://" not in page, "the page of the API takes nothing from elsewhere"
        taken = re.findall(r"(?:src|href)=\"(.*?)\"", page)
        assert taken, "the page has its scripts"
        for name in taken:
            assert httpx.get(f"http://127.0.0.1:{port}{name}").status_code == 200, name
        assert {path.name for path in volume.iterdir()} <= {"cache", "places", "serve", "keys"}
    assert (volume / "keys").stat().st_mode & 0o777 == 0o600
    with container(volume) as (port, log, process):
        wait_until_healthy(port, process, log)
        assert "buqi-" not in log.read_text(), "a key is shown once"
        found = httpx.post(f"http://127.0.0.1:{port}/v1/complete", json=asked, headers=headers, timeout=60)
        assert found.status_code == 200


def test_another_key_is_made_as_the_file_says(tmp_path):
    from typer.testing import CliRunner

    words = json.loads(steps("ENTRYPOINT")[0])[1:]
    words = [word.replace("/data", str(tmp_path)) for word in words]
    done = CliRunner().invoke(app, [*words, "--new_key", "shop"])
    assert done.exit_code == 0 and done.stdout.startswith("buqi-")
    assert (tmp_path / "keys").read_text().split()[0] == "shop"
