"""A lock is held by one process, given back, and taken over from a dead one."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys

import pytest

from buqi.errors import BuqiError
from buqi.lock import LOCK, claimed, holder, locked
from buqi.owner import this_process


def test_it_says_who_holds_it_and_goes_when_the_block_ends(tmp_path):
    path = tmp_path / "out" / LOCK
    with locked(path, "training"):
        record = json.loads(path.read_text(encoding="utf-8"))
        assert (record["pid"], record["what"]) == (this_process().pid, "training")
        with pytest.raises(BuqiError, match=r"this process is busy there already \(training\)"), locked(path, "again"):
            pass
        assert path.exists(), "who was refused gives nothing back"
    assert not path.parent.exists()


def test_it_goes_when_the_block_fails_and_leaves_what_came_into_its_folder(tmp_path):
    path = tmp_path / "out" / LOCK
    with pytest.raises(IsADirectoryError), locked(path, "training"):
        path.parent.joinpath("made").mkdir() or path.parent.joinpath("made").write_text("")
    assert [kept.name for kept in path.parent.iterdir()] == ["made"]


@pytest.mark.parametrize("name", ["地址", "a\nb", os.fsdecode("地址".encode("gbk"))])
def test_what_is_done_may_have_any_name(tmp_path, name):
    with claimed(tmp_path / name):
        assert holder(tmp_path / f".{name}.lock") == this_process()
        with pytest.raises(BuqiError, match="busy there"), claimed(tmp_path / name):
            pass
    assert list(tmp_path.iterdir()) == []


def test_a_dead_process_holds_nothing(tmp_path):
    path = tmp_path / LOCK
    hold = f"import os; from pathlib import Path; from buqi.lock import _take; _take(Path({str(path)!r}), 'x')"
    subprocess.run([sys.executable, "-c", hold], check=True)
    assert json.loads(path.read_text(encoding="utf-8"))["pid"] != this_process().pid
    with locked(path, "mine"):
        assert json.loads(path.read_text(encoding="utf-8"))["pid"] == this_process().pid


def test_a_process_of_another_host_may_live(tmp_path):
    path = tmp_path / LOCK
    record = {"pid": 7, "start": "1", "host": platform.node() + "x", "since": "2026-01-01", "what": "training"}
    path.write_text(json.dumps(record), encoding="utf-8")
    with pytest.raises(BuqiError, match=rf"process 7 on host .*x is busy .* delete {path}"), locked(path, "mine"):
        pass


@pytest.mark.parametrize("written", ["", "{", "[1]", '{"pid": "7"}'])
def test_what_names_nobody_is_nobodys(tmp_path, written):
    (tmp_path / LOCK).write_text(written, encoding="utf-8")
    with locked(tmp_path / LOCK, "mine"):
        assert json.loads((tmp_path / LOCK).read_text(encoding="utf-8"))["what"] == "mine"


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(BuqiError, match="cannot be written"), locked(tmp_path / "file" / LOCK, "mine"):
        pass


def test_it_lies_in_a_folder_whose_own_folder_cannot_be_written(tmp_path, monkeypatch):
    folder = tmp_path / "rows"
    folder.mkdir()
    with claimed(folder):
        assert (tmp_path / ".rows.lock").exists()
    monkeypatch.setattr("buqi.lock.os.access", lambda path, _: path != tmp_path)
    with claimed(folder):
        assert [path.name for path in folder.iterdir()] == [LOCK] and list(tmp_path.iterdir()) == [folder]
    assert list(folder.iterdir()) == []
