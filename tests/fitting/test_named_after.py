"""Shares are counted by kind, level and how common a name is, and drawn to what is usual where little was seen."""

from __future__ import annotations

import polars as pl
from typer.testing import CliRunner

from buqi.fitting.command import typer
from buqi.fitting.named_after import main, shares_of


def test_what_was_never_seen_is_as_its_neighbours():
    lines = {(kind, level): list(map(float, shares)) for kind, level, *shares in shares_of(_counts(9), _counts(10))}
    assert lines["works", "city"][0] > 0.8
    assert 0.4 < lines["office", "city"][0] < lines["works", "city"][0]
    assert lines["road", "city"][0] < 0.1


def _counts(number: int) -> dict[tuple[str, str, int], int]:
    from collections import defaultdict

    return defaultdict(int, {("works", "city", 0): number * 10})


def test_the_command_counts_addresses(tmp_path):
    rest = ["遂宁电厂宿舍"] * 50
    frame = {"province": "四川省", "city": "遂宁市", "county": "船山区", "rest": rest}
    pl.DataFrame(frame).write_csv(tmp_path / "a.tsv", separator="\t")
    app = typer.Typer()
    app.command()(main)
    done = CliRunner().invoke(app, [str(tmp_path / "a.tsv"), "--out", str(tmp_path / "n.tsv")])
    assert done.exit_code == 0, done.output
    rows = [line.split("\t") for line in (tmp_path / "n.tsv").read_text(encoding="utf-8").splitlines()]
    assert max(float(share) for share in next(row for row in rows if row[:2] == ["works", "city"])[2:]) > 0.9
