from __future__ import annotations

import io
import signal
from types import SimpleNamespace

import pytest
from rich.console import Console

from buqi.tune.history import read_log
from buqi.tune.watch import Interrupt, Lines, Log, describe, point

STATE = SimpleNamespace(global_step=3, max_steps=9, epoch=0.5)


def test_the_log_is_appended_and_restarts_behind_a_checkpoint(tmp_path):
    log = Log(tmp_path)
    for step in (1, 2, 3):
        log.on_log(None, SimpleNamespace(global_step=step, epoch=step / 10), None, {"loss": 1.0 / step})
    log.warn(3, "rows one by one")
    assert read_log(log.path)[-1] == {"step": 3, "warning": "rows one by one"}
    log.restart(2)
    assert [record["step"] for record in read_log(log.path)] == [1, 2]
    with log.path.open("a") as file:
        file.write('{"step": 3, "lo')
    assert read_log(log.path)[-1] == {"step": 2, "epoch": 0.2, "loss": 0.5}, "a line that was cut off is left out"


def test_a_line_holds_the_numbers():
    screen = io.StringIO()
    Lines(Console(file=screen)).on_log(None, STATE, None, {"loss": 0.25, "epoch": 0.5, "total_flos": 9, "note": "x"})
    assert screen.getvalue().strip() == describe(STATE, {"loss": 0.25}) == "step 3/9  epoch 0.50  loss 0.25"


def test_a_link_is_moved_in_one_piece(tmp_path):
    for name in ("checkpoint-1", "checkpoint-2"):
        (tmp_path / name).mkdir()
        point(tmp_path / "last", name)
        assert (tmp_path / "last").resolve() == tmp_path / name
    assert sorted(path.name for path in tmp_path.iterdir()) == ["checkpoint-1", "checkpoint-2", "last"]


def test_where_no_links_can_be_made_it_is_said(tmp_path):
    with pytest.warns(UserWarning, match="no link to checkpoint-1"):
        point(tmp_path / "missing" / "last", "checkpoint-1")


def test_the_first_ctrl_c_asks_for_a_checkpoint_and_the_second_stops_at_once():
    told: list[str] = []
    control = SimpleNamespace(should_save=False)
    before = signal.getsignal(signal.SIGINT)
    with Interrupt(told.append) as interrupt:
        interrupt.on_step_end(None, STATE, control, train_dataloader=[0] * 9)
        assert not control.should_save
        signal.raise_signal(signal.SIGINT)
        assert interrupt.asked and "then a checkpoint is saved" in told[0]
        interrupt.on_step_end(None, STATE, control, train_dataloader=[0] * 3)
        assert not control.should_save, "the epoch ends here: its evaluation comes first"
        interrupt.on_step_end(None, STATE, control, train_dataloader=[0] * 9)
        assert control.should_save
        with pytest.raises(KeyboardInterrupt):
            interrupt.on_save(None, STATE, control)
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) == before


def test_a_line_is_printed_between_logged_steps(monkeypatch):
    screen, now = io.StringIO(), [100.0]
    monkeypatch.setattr("buqi.tune.watch.time.monotonic", lambda: now[0])
    lines = Lines(Console(file=screen))
    lines.on_train_begin(None, SimpleNamespace(global_step=0, max_steps=90), None)
    for step in (1, 2, 3):
        now[0] += 12
        lines.on_step_end(None, SimpleNamespace(global_step=step, max_steps=93), None)
        lines.measuring("dev", step, 9)
    assert screen.getvalue().splitlines() == ["step 3/93  12.0 s a step, about 18 min left"]
    now[0] += 31
    lines.measuring("dev", 8, 9)
    assert screen.getvalue().splitlines()[1:] == ["measuring dev: 8 of 9 rows"]
