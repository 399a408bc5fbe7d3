"""Shares are counted by kind, level and how common a name is, and close to the usual one where little was seen."""

from __future__ import annotations

import polars as pl

from buqi.fitting.named_after import lines_of, main
from buqi.fitting.shares import NameKey, Shares


def test_what_was_never_seen_is_as_its_neighbours():
    shares = Shares[NameKey]()
    for number in range(100):
        shares.add(("works", "city", 0), number < 90)
    lines = {(kind, level): float(first) for kind, level, first, *_ in (row.split("\t") for row in lines_of(shares))}
    assert lines["works", "city"] > 0.8
    assert 0.4 < lines["office", "city"] < lines["works", "city"]
    assert lines["road", "city"] < 0.1


def test_the_command_counts_addresses(tmp_path):
    frame = {"province": "四川省", "city": "遂宁市", "county": "船山区", "rest": ["遂宁电厂宿舍"] * 50}
    pl.DataFrame(frame).write_csv(tmp_path / "a.tsv", separator="\t")
    main(tmp_path / "a.tsv", tmp_path / "n.tsv")
    rows = [line.split("\t") for line in (tmp_path / "n.tsv").read_text(encoding="utf-8").splitlines()]
    assert max(float(share) for share in next(row for row in rows if row[:2] == ["works", "city"])[2:]) > 0.9
