"""Ctrl-C that a library loses."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from buqi.cli.ctrl_c import CtrlC

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no signal can be sent to oneself")
RUN = """
import os, signal, sys, time
import buqi.cli.main as main
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it

class Lost:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.01)

def lose():
    Lost()
    time.sleep(60)

def turn():
    try:
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(60)
    except BaseException:
        raise ValueError("could not determine the shape") from None

main.app = {"lose": lose, "turn": turn}[sys.argv[1]]
main.run()
"""


@pytest.mark.parametrize("how", ["lose", "turn"])
def test_a_ctrl_c_that_a_library_loses_stops_the_command(how):
    run = subprocess.run(
        [sys.executable, "-c", RUN, how], capture_output=True, text=True, timeout=50, check=False, env=dict(os.environ)
    )
    assert (run.returncode, run.stderr) == (1, "buqi: stopped\n")


@pytest.fixture
def handled():
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def press(ctrl_c):
    with ctrl_c:
        assert not ctrl_c.pressed
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(1)


def test_it_is_remembered_and_all_is_put_back(handled):
    hook = sys.unraisablehook
    ctrl_c = CtrlC()
    with pytest.raises(KeyboardInterrupt):
        press(ctrl_c)
    assert ctrl_c.pressed
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert sys.unraisablehook is hook


@pytest.mark.parametrize("other", [signal.SIG_IGN, lambda *_: None])
def test_another_handler_stays(handled, other):
    signal.signal(signal.SIGINT, other)
    with CtrlC():
        assert signal.getsignal(signal.SIGINT) is other
    assert signal.getsignal(signal.SIGINT) is other


def test_other_errors_without_a_catcher_are_printed(handled, monkeypatch):
    told = []
    monkeypatch.setattr(sys, "unraisablehook", lambda lost: told.append(lost.exc_type))

    class Bad:
        def __del__(self):
            raise ValueError

    with CtrlC():
        Bad()
    assert told == [ValueError]
