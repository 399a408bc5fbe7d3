"""How many of a city's roads the lists have is counted in its addresses."""

from __future__ import annotations

import polars as pl

from buqi.divisions import load_table
from buqi.fitting.road_shares import city_codes, main


def test_every_place_has_its_city():
    cities = city_codes(load_table())
    assert cities["浙江省", "杭州市", "西湖区"] == "3301"
    assert cities["北京市", "", "朝阳区"] == "11"
    assert cities["广东省", "东莞市", "东莞市"] == "4419", "without counties"
    assert cities["河南省", "", "济源市"] == "419001", "without a city"


def test_the_command_counts_addresses(tmp_path):
    rest = ["文一西路1号"] * 60 + ["没有这条路1号"] * 20
    frame = {"province": "浙江省", "city": "杭州市", "county": "西湖区", "rest": rest}
    pl.DataFrame(frame).write_csv(tmp_path / "a.tsv", separator="\t")
    main(tmp_path / "a.tsv", tmp_path / "s.tsv")
    assert (tmp_path / "s.tsv").read_text(encoding="utf-8") == "3301\t0.64\n"  # (60 + 20 · 0.2) / (80 + 20)
