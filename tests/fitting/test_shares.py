"""Shares are counted in full addresses, and close to what is usual where little was seen."""

from __future__ import annotations

import polars as pl
import pytest

from buqi.divisions import load_table
from buqi.errors import UsageError
from buqi.fitting.shares import Shares, counties_of, placed_addresses


def test_a_share_of_little_is_close_to_that_of_all():
    shares = Shares[str]()
    for true in (True, True, False):
        shares.add("works", true)
    assert shares.smoothed(["works", "bridge"], 0.5, 1.0) == pytest.approx(2.5 / 4)
    assert shares.smoothed([], 0.5, 1.0) == 0.5
    usual = (2 + 10 * 0.05) / (3 + 10)
    assert shares.share("bridge", ["works", "bridge"]) == pytest.approx(usual)
    assert shares.share("works", ["works", "bridge"]) == pytest.approx((2 + 4 * usual) / (3 + 4))
    assert list(shares.seen) == ["works"]


def test_only_addresses_of_known_places_are_counted(tmp_path):
    rows = {"province": "四川省", "city": "遂宁市", "county": ["船山区", "没有区"], "rest": ["遂宁大桥", "1号"]}
    pl.DataFrame(rows).write_csv(tmp_path / "a.tsv", separator="\t")
    assert list(placed_addresses(tmp_path / "a.tsv", counties_of(load_table()))) == [("510903", "遂宁大桥")]
    (tmp_path / "b.tsv").write_text("province\tcity\trest\n", "utf-8")
    with pytest.raises(UsageError, match="no column county"):
        list(placed_addresses(tmp_path / "b.tsv", {}))
