"""Nothing is built from a package that is missing or has other bytes."""

from __future__ import annotations

import subprocess
import zipfile

import pytest

from buqi.divisions.building import build, sources
from buqi.errors import BuqiError


def test_other_bytes_are_not_built_from(tmp_path, monkeypatch):
    def serve(command, **_):
        with zipfile.ZipFile(f"{command[command.index('--dest') + 1]}/x.whl", "w") as wheel:
            wheel.writestr("x", "y")
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(sources.subprocess, "run", serve)
    with pytest.raises(BuqiError, match="sha256"):
        build.build(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_missing_client_is_named(monkeypatch):
    monkeypatch.setattr(sources.shutil, "which", lambda _: None)
    with pytest.raises(BuqiError, match="npm is not installed"):
        sources.nbs_lists()
