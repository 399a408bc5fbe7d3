"""A process is known by its number and its start; one that ended is dead, one of another host may live."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys

import pytest

from buqi import owner
from buqi.errors import BuqiError
from buqi.owner import Owner, host_hash, owner_in, start_of, this_process


def test_a_tag_says_who():
    me = this_process()
    assert me.pid == os.getpid() and owner_in(me.tag) == me and me.here and not me.dead
    for text in ("", "1-2", "a-b-c", "1-2-00000000/..", me.tag + "\n"):
        with pytest.raises(BuqiError, match="names no process"):
            owner_in(text)


def test_who_is_dead():
    me = this_process()
    assert dataclasses.replace(me, start="1").dead, "another process had this number"
    assert not Owner(me.pid, "1", host_hash("elsewhere")).dead
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    theirs = Owner(child.pid, start_of(child.pid) or "", host_hash())
    assert not theirs.dead
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert theirs.dead, "a zombie"
    child.wait()
    assert theirs.dead


def test_without_proc_a_running_process_is_alive(monkeypatch, tmp_path):
    monkeypatch.setattr(owner, "PROC", tmp_path)
    assert this_process().start == "0" and not this_process().dead
    assert Owner(2**22 + 1, "0", host_hash()).dead and start_of(1) == "0"
