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
        ({"file": "a.csv", "out": ""}, "say with --out"),
        (DATABASE | {"out": ""}, "say with --out"),
        (DATABASE | {"key": "id"}, "--key: not with a database, which gets no review file"),
        ({"file": "a.csv", "out": "b.csv", "query": "SELECT 1"}, "--query: only with a database URL"),
        ({"file": "sqlite:///a.db", "out": "t"}, "needs --query"),
        ({"file": "a.xlsx", "out": "b.xlsx", "safe_cells": True}, "--safe_cells: only with csv and tsv"),
        (DATABASE | {"overwrite": True, "sheet": "x"}, "--sheet, --overwrite: not with a database"),
        (DATABASE | {"review_below": 0.5, "workers": 2}, "--workers, --review_below: not with a database"),
        ({"file": "a.csv", "out": "b", "ray": "auto", "resume": True}, "--resume: not on Ray"),
        (
            {"file": "a.csv", "out": "b", "ray": "auto", "review_below": 0.0},
            "--review_below: not on Ray, which gets no review file",
        ),
    ],
)
def test_options_without_use_are_refused(options, message):
    with pytest.raises(UsageError, match=message):
        FileOptions(**options)


def test_what_has_use_is_taken():
    assert not FileOptions(None).is_url
    assert FileOptions("a.CSV.gz", "b.csv.gz", safe_cells=True).safe_cells
    assert not FileOptions("a.xlsx", "b.xlsx", "c", "s", workers=2, resume=True, overwrite=True).is_url
    assert FileOptions(**DATABASE, resume=True, column="c").is_url
    assert FileOptions("s3://bucket/a", "s3://bucket/b", ray="auto", workers=3).ray == "auto"


def test_a_file_of_names_alone_has_no_rows(tmp_path):
    (tmp_path / "in.csv").write_text("id,地址\n", encoding="utf-8")
    said = buqi("complete", "--file", tmp_path / "in.csv", "--out", tmp_path / "out.csv", "--mode", "match").stdout
    assert "out.csv  0 rows: there are only names of columns" in " ".join(said.split("\n")) and "()" not in said


def test_a_column_without_addresses_is_doubted(tmp_path):
    (tmp_path / "in.csv").write_text("地址,余额\n碑林区1号,12\n雁塔区1号,14\n", encoding="utf-8")
    words = ("complete", "--file", tmp_path / "in.csv", "--out", tmp_path / "out.csv", "--mode", "match", "--overwrite")
    assert "no row got an answer; check --column" in " ".join(buqi(*words, "--column", "余额").stdout.split())
    assert "no row got an answer" not in " ".join(buqi(*words).stdout.split())


def test_ctrl_c_says_how_to_go_on(tmp_path, monkeypatch):
    (tmp_path / "in.csv").write_text("地址\n碑林区1号\n", encoding="utf-8")
    words = ["complete", "--file", tmp_path / "in.csv", "--out", tmp_path / "out.csv", "--mode", "match"]

    def stop(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("buqi.bulk.job.write_review", stop)
        assert "out.csv.parts keeps what is done, --resume goes on with it" in buqi(*words, code=1).stderr
        patch.setattr("buqi.bulk.job.open_table", stop)
        assert buqi(*words, "--out", tmp_path / "b.csv", code=1).stderr == "buqi: stopped\n"
    buqi(*words, "--resume")
