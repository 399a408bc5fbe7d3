"""``bench laws`` counts violations and ends with 0 where there are none."""

from __future__ import annotations

import json

from typer.testing import CliRunner

from buqi.cli.main import app
from buqi.errors import UsageError

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
