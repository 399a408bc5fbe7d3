"""A public task from its files to a share of right answers, with a small stand-in for its rows."""

from __future__ import annotations

import gzip
import hashlib
import json
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from buqi.bench import tasks
from buqi.bench.tasks import TASKS, measure_task, task_files
from buqi.cli.main import app
from buqi.errors import BuqiError, UsageError
from tests.helpers import QUIET


@pytest.fixture
def small(tmp_path, monkeypatch):
    """Rows of two answers, in files of the task's names."""
    rows = "text,category\n" + "".join(f'"where, {i}",card_{i % 2}\n' for i in range(12))
    data = {"train": rows, "test": rows[: rows.index("where, 6") - 1]}
    (tmp_path / "f").mkdir()
    (tmp_path / "f" / "train.csv.gz").write_bytes(gzip.compress(data["train"].encode()))
    (tmp_path / "f" / "test.csv").write_text(data["test"])
    known = {part: hashlib.sha256(text.encode()).hexdigest() for part, text in data.items()}
    monkeypatch.setattr(tasks, "DEV_ROWS", 3)
    return replace(TASKS["banking77"], sha256=known)


def test_a_task_is_imported_trained_and_asked(small, tiny, tmp_path):
    found = measure_task(small, tmp_path / "out", QUIET, tmp_path / "f", str(tiny), epochs=4)
    assert (found.train_rows, found.test_rows, found.answers, found.base_rows) == (9, 6, 2, 6)
    assert 0 <= found.tuned <= 1 and found.rows_per_second > 0 and found.packed
    assert {p.name for p in (tmp_path / "out").iterdir()} == {"data", "adapter"}
    row = json.loads((tmp_path / "out" / "data" / "test.json").read_text().splitlines()[0])
    assert row == {"src": "where, 0", "tgt": "card_0"}
    assert json.dumps(found.as_json()) and "right  tuned" in "\n".join(found.lines())


def test_other_files_are_refused(small, tmp_path, cache, monkeypatch):
    (tmp_path / "f" / "test.csv").write_text("text,category\n")
    with pytest.raises(BuqiError, match=r"test\.csv: not the test rows"):
        task_files(small, tmp_path / "f", print)
    (tmp_path / "f" / "test.csv").unlink()
    with pytest.raises(UsageError, match=r"expected test\.csv or test\.csv\.gz"):
        task_files(small, tmp_path / "f", print)
    with pytest.raises(BuqiError, match=r"cannot be fetched .*name a folder"):
        task_files(replace(small, url="http://127.0.0.1:9"), None, lambda _: None)
    done = CliRunner().invoke(app, ["bench", "task", "mnist", "--out", str(tmp_path / "o")])
    assert isinstance(done.exception, UsageError) and "expected banking77" in str(done.exception)
