"""Rows held as arrays train to the bit what lists of them do."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from buqi.config import make_config
from buqi.errors import UsageError
from buqi.rows import RowFile, row_file
from buqi.tune.plan import make_plan
from buqi.tune.run import train
from tests.conftest import pairs, write_jsonl
from tests.helpers import QUIET, losses, settings, weights

TURNS = {"src": ["say one", "say two"], "tgt": ["one", "two"], "label": [0, 1]}
BRIEF = {"src": "say more", "tgt": "more", "system": "be brief"}


@pytest.fixture
def data(tmp_path):
    write_jsonl(tmp_path / "data" / "train.json", [*pairs(9), TURNS, BRIEF])
    write_jsonl(tmp_path / "data" / "dev.json", pairs(3, start=100))
    return tmp_path / "data"


def test_arrays_train_what_lists_do(tiny, data, tmp_path, monkeypatch):
    monkeypatch.setenv("BUQI_CACHE", str(tmp_path / "cache"))
    plan = make_plan(make_config(settings(tiny, data, tmp_path / "lists")))
    lists = {
        name: [plan.task.encode(plan.tokenizer, r.src, r.tgt, r.system, r.trained) for r in rows]
        for name, rows in plan.rows.items()
    }
    expected = train(replace(plan, encoded=lists), QUIET)
    monkeypatch.setattr(row_file, "LARGE", 0)
    for name in ("made", "kept"):
        large = make_plan(make_config(settings(tiny, data, tmp_path / name)))
        assert all(isinstance(rows, RowFile) for rows in large.rows.values())
        assert large.data_record == plan.data_record and large.warnings == plan.warnings
        result = train(large, QUIET)
        assert result.metrics == expected.metrics
        assert losses(tmp_path / name) == losses(tmp_path / "lists")
        one, other = weights(tmp_path / name), weights(tmp_path / "lists")
        assert one.keys() == other.keys() and all(torch.equal(one[key], other[key]) for key in one)


def test_large_rows_that_leak_or_are_too_long_are_told(tiny, data, tmp_path, monkeypatch):
    monkeypatch.setenv("BUQI_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(row_file, "LARGE", 0)
    write_jsonl(data / "dev.json", pairs(2))
    (warning,) = make_plan(make_config(settings(tiny, data, tmp_path / "out"))).warnings
    assert warning.startswith("2 rows in training and in another set (first: ") and "dev.json:1" in warning
    with pytest.raises(UsageError, match=r"train.json:10: \d+ tokens, max_length is 80"):
        make_plan(make_config(settings(tiny, data, tmp_path / "out", max_length=80, src_length=70)))
