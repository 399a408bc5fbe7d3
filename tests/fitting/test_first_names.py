"""Shares of first names are counted by kind, level and how common the name is."""

from __future__ import annotations

import polars as pl

from buqi.fitting.first_names import lines_of, main
from buqi.fitting.shares import NameKey, Shares


def test_what_was_never_seen_is_as_its_neighbours():
    shares = Shares[NameKey]()
    for number in range(100):
        shares.add(("works", "city", 0), number < 90)
    lines = {tuple(row[:3]): float(row[3]) for row in (line.split("\t") for line in lines_of(shares))}
    assert lines["works", "city", "0"] > 0.85
    assert 0.4 < lines["bridge", "city", "0"] < lines["works", "city", "0"]
    assert lines["bridge", "county", "3"] < 0.1


def test_the_command_counts_addresses(tmp_path):
    rest = ["遂宁电厂宿舍"] * 40 + ["遂宁大桥路3号"] * 5
    frame = {"province": "四川省", "city": "遂宁市", "county": "船山区", "rest": rest}
    pl.DataFrame(frame).write_csv(tmp_path / "a.tsv", separator="\t")
    main(tmp_path / "a.tsv", tmp_path / "n.tsv")
    rows = [line.split("\t") for line in (tmp_path / "n.tsv").read_text(encoding="utf-8").splitlines()]
    assert next(row for row in rows if row[:3] == ["works", "city", "0"])[4] == "40"
    assert next(row for row in rows if row[:3] == ["bridge", "city", "0"])[4] == "0"  # a road is no bridge
