"""``bench`` prints figures, and refuses loads that cannot be compared before it measures."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from buqi.cli.main import app
from buqi.errors import UsageError


def test_bulk_prints_speed_and_shares(tmp_path, monkeypatch):
    monkeypatch.setenv("BUQI_PLACES", str(tmp_path / "none"))
    done = CliRunner().invoke(app, ["bench", "bulk", "--rivals", "", "--rows", "100", "--json"])
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert list(found) == ["match", "auto"]
    for figures in found.values():
        assert figures["rows"] == 100 and figures["rows_per_second"] > 0 and 0.5 < figures["right"] <= 1


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["bulk", "--model_rows", "3"], "--model_rows: only with --gguf or --model"),
        (["train", "--rows", "16", "--micro", "5"], "whole micro-batches"),
        (["train", "--against", "trainer, fast"], "expected some of buqi, trainer, trl"),
        (["engines", "{tmp}"], "no model folder"),
    ],
)
def test_refusals(words, message, tiny, tmp_path):
    model = ["--model", str(tiny)] if words[0] == "train" else []
    done = CliRunner().invoke(app, ["bench", *(word.replace("{tmp}", str(tmp_path)) for word in words), *model])
    assert isinstance(done.exception, UsageError) and message in str(done.exception)


FEW = ["bench", "laws", "--counties", "20", "--towns", "0", "--workers", "1"]


def test_laws_are_counted_by_name():
    done = CliRunner().invoke(app, [*FEW, "--only", "road before", "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout) == {"road before": {"right": 20, "violations": 0, "examples": []}}


def test_a_table_and_a_sum_are_printed():
    done = CliRunner().invoke(app, [*FEW, "--only", "road before"])
    assert done.exit_code == 0, done.output
    assert done.stdout.splitlines()[1].split() == ["road", "before", "20", "100.00", "0", "0", "0", "0"]
    assert "0 violations in 20 texts" in done.stdout


def test_a_law_that_does_not_exist_is_named():
    done = CliRunner().invoke(app, [*FEW, "--only", "gravity"])
    assert isinstance(done.exception, UsageError) and "no law of that name" in str(done.exception)
