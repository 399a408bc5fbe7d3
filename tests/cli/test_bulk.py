"""Each option of ``complete`` is used, or refused where it has no use."""

from __future__ import annotations

import pytest

from buqi.cli.bulk import FileOptions
from buqi.errors import UsageError
from tests.helpers import buqi

DATABASE = {"file": "sqlite:///a.db", "out": "t", "query": "SELECT 1"}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"file": None, "resume": True, "overwrite": True}, "--resume, --overwrite: only with --file"),
        ({"file": None, "review_below": 0.5}, "--review_below: only with --file"),
        ({"file": None, "out": "x", "ray": "local"}, "--out, --ray: only with --file"),
        ({"file": "a.csv"}, "say with --out"),
        ({"file": "a.csv", "out": "b.csv", "query": "SELECT 1"}, "--query: only with a database URL"),
        ({"file": "sqlite:///a.db", "out": "t"}, "needs --query"),
        (DATABASE | {"overwrite": True, "sheet": "x"}, "--sheet, --overwrite: not with a database"),
        (DATABASE | {"review_below": 0.5, "workers": 2}, "--workers, --review_below: not with a database"),
        ({"file": "a.csv", "out": "b", "ray": "auto", "resume": True}, "--resume: not on Ray"),
        ({"file": "a.csv", "out": "b", "ray": "auto", "review_below": 0.0}, "--review_below: not on Ray"),
    ],
)
def test_options_without_use_are_refused(options, message):
    with pytest.raises(UsageError, match=message):
        FileOptions(**options)


def test_what_has_use_is_taken():
    assert not FileOptions(None).is_database
    assert not FileOptions("a.xlsx", "b.xlsx", "c", "s", workers=2, resume=True, overwrite=True).is_database
    assert FileOptions(**DATABASE, resume=True, column="c").is_database
    assert FileOptions("s3://bucket/a", "s3://bucket/b", ray="auto", workers=3).ray == "auto"


def test_the_commands_say_so(tmp_path):
    assert "--resume: only with --file" in buqi("complete", "x", "--resume", code=2).stderr
    assert "--max_new_tokens: only with --mode generate" in buqi("complete", "x", "--max_new_tokens", 3, code=2).stderr
    rows = tmp_path / "rows.jsonl"
    rows.write_text('{"input": "碑林区1号", "province": "陕西省"}\n', encoding="utf-8")
    for words, message in (
        (["--memory", tmp_path], "--memory: only with auto in --compare"),
        (["--adapter", tmp_path], "--adapter: only with tuned in --compare"),
        (["--no_rows"], "--no_rows: only with --report"),
    ):
        assert message in buqi("evaluate", rows, "--compare", "match", *words, code=2).stderr
    assert "no model is served" in buqi("serve", "--engine", "torch", code=2).stderr
    assert "--plain: only with --gguf" in buqi("bench", "engines", tmp_path, "--plain", code=2).stderr
    assert "--limit: only with --rows" in buqi("quantize", "x", "--out", "y.gguf", "--limit", 3, code=2).stderr
    merging = ["merge", "--lora_path", "x", "--output_path", "y", "--combination", "linear"]
    assert "--combination: only with several --lora_path" in buqi(*merging, code=2).stderr
