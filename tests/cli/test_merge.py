"""``merge`` with the tutorial's flags and with several adapters."""

from __future__ import annotations

import json

import pytest
import torch
from safetensors.torch import load_file
from typer.testing import CliRunner

from buqi.artefact import WEIGHTS, read_run
from buqi.cli.main import app
from buqi.errors import UsageError
from tests.export.test_combine import make_adapter
from tests.helpers import buqi


def test_merge_with_the_tutorials_flags(tiny, tuned, tmp_path):
    done = buqi("merge", "--model_name_or_path", tiny, "--lora_path", tuned / "out", "--output_path", tmp_path / "m",
                "--device", "gpu", "--safe_serialization", "True")  # fmt: skip
    assert "largest logit difference" in done.stdout
    assert "pickled model" in buqi("merge", "--lora-path", tuned / "out", "--output-path", tmp_path / "n",
                                   "--safe-serialization", "False", code=2).stderr  # fmt: skip
    answers = [buqi("complete", "say 3", "--json", "--max-new-tokens", 8, *words).stdout
               for words in (["--adapter", tuned / "out", "--model", tiny], ["--model", tmp_path / "m"],
                             ["--model", tuned / "out"])]  # fmt: skip
    assert answers[0] == answers[1] == answers[2]
    assert json.loads(answers[0])["input"] == "say 3"


@pytest.mark.parametrize("command", ["merge", "merge --adapter_only", "export-paddle"])
def test_what_is_read_is_never_replaced(tiny, tmp_path, command):
    one = make_adapter(tiny, tmp_path / "adapters" / "one", 1)
    held = sorted(path.name for path in one.iterdir())
    given = [one] if command == "export-paddle" else ["--lora_path", one]
    for target in (one, one.parent, tiny):
        words = [*command.split(), *given, "--model_name_or_path", tiny, "--output_path", target, "--overwrite"]
        assert "is read and lies there" in " ".join(buqi(*words, code=2).stderr.split())
    assert sorted(path.name for path in one.iterdir()) == held and (tiny / "config.json").is_file()


def test_one_adapter_or_the_sum_of_several_from_the_command_line(tiny, tmp_path, monkeypatch):
    one, other = make_adapter(tiny, tmp_path / "one", 1), make_adapter(tiny, tmp_path / "other", 2)
    command = ["merge", "--adapter_only", "--dtype", "float16", "--model_name_or_path", str(tiny)]
    alone = CliRunner().invoke(app, [*command, "--lora_path", str(one), "--output_path", str(tmp_path / "a")])
    assert alone.exit_code == 0, alone.output
    assert "largest logit difference" in alone.stdout
    parts = ["--lora_path", str(one), "--lora_path", str(other), "--weights", "0.5,0.5"]
    summed = CliRunner().invoke(app, [*command, *parts, "--output_path", str(tmp_path / "b")])
    assert summed.exit_code == 0, summed.output
    assert read_run(tmp_path / "b")["saved_as"] == "float16"
    assert [part["weight"] for part in read_run(tmp_path / "b")["parts"]] == [0.5, 0.5]
    assert {v.dtype for v in load_file(tmp_path / "b" / WEIGHTS).values()} == {torch.float16}
    monkeypatch.setattr("buqi.export.combine.combine", lambda *_: pytest.fail("summed before it was checked"))
    again = CliRunner().invoke(app, [*command, *parts, "--output_path", str(tmp_path / "b")])
    assert isinstance(again.exception, UsageError)
    assert "exists" in str(again.exception)
