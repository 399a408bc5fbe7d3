"""Roads elsewhere that begin with a city's name lower its share."""

from __future__ import annotations

import polars as pl

from buqi.fitting.city_names import main


def test_the_command_counts_lines_elsewhere(tmp_path):
    here = {"province": "河南省", "city": "郑州市", "county": "金水区", "rest": ["花园路1号"] * 100}
    there = {
        "province": "四川省",
        "city": "成都市",
        "county": "武侯区",
        "rest": ["郑州花园路1号"] * 5 + ["郑州路3号"] * 9,
    }
    frames = [pl.DataFrame(frame) for frame in (here, there)]
    pl.concat(frames).write_csv(tmp_path / "a.tsv", separator="\t")
    main(tmp_path / "a.tsv", tmp_path / "n.tsv")
    rows = {tuple(line.split("\t")[:2]): line.split("\t")[2:] for line in (tmp_path / "n.tsv").open(encoding="utf-8")}
    assert rows["city road", "4101"] == ["0.476", "100", "5\n"]
    assert rows["city zone", "4101"] == ["0.909", "100", "0\n"]
    assert rows["city road", "5101"] == ["0.583", "14", "0\n"]
