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
