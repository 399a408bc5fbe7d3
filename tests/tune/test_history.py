"""What a run's folder says of the run."""

from __future__ import annotations

import json

import pytest

from buqi.errors import BuqiError
from buqi.tune.history import LOG, STARTED, latest_run, read_log


def test_the_run_under_way_goes_before_the_one_that_lies_there(tmp_path):
    assert latest_run(tmp_path) == {}
    (tmp_path / "run.json").write_text(json.dumps({"steps": 3}))
    assert latest_run(tmp_path) == {"steps": 3}
    (tmp_path / STARTED).write_text(json.dumps({"steps": 9}))
    assert latest_run(tmp_path) == {"steps": 9}
    (tmp_path / STARTED).write_text("{")
    with pytest.raises(BuqiError, match=STARTED):
        latest_run(tmp_path)


def test_a_last_line_that_was_cut_off_is_left_out(tmp_path):
    assert read_log(tmp_path / LOG) == []
    (tmp_path / LOG).write_text('{"step": 1}\n{"step": 2}\n{"st')
    assert read_log(tmp_path / LOG) == [{"step": 1}, {"step": 2}]


@pytest.mark.parametrize("line", ["1", "[]", "{}", '{"step": null}', '{"step": "x"}', '{"step": 1e400}', "[" * 99999])
def test_a_line_that_is_no_record_ends_the_log(tmp_path, line):
    (tmp_path / LOG).write_text(f'{{"step": 1}}\n{line}\n{{"step": 2}}\n')
    assert read_log(tmp_path / LOG) == [{"step": 1}]
    (tmp_path / LOG).write_bytes(b'{"step": 1}\n\xff\n')
    assert read_log(tmp_path / LOG) == [{"step": 1}]
