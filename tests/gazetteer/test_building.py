"""Names of maps and lists become names as addresses have them."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from buqi.divisions import load_matcher
from buqi.gazetteer.building import Placer, list_lines, pairs_of, place_name, road_names, roads_of


@pytest.mark.parametrize(
    ("name", "roads"),
    [
        ("(永燕路)", []),
        ("文一西路", ["文一西路"]),
        ("电视塔路一段", ["电视塔路"]),
        ("文一西路;西溪路", ["文一西路", "西溪路"]),
        ("001乡道", []),
        ("机场匝道", []),
        ("规划一路", []),
    ],
)
def test_names_of_roads(name, roads):
    assert list(road_names(name)) == roads


@pytest.mark.parametrize(
    ("kind", "name", "plain"),
    [
        ("station", "龙里北", "龙里北站"),
        ("station", "杭州东火车站", "杭州东站"),
        ("village", "桥头村委会白黑村", "白黑村"),
        ("scenic", "两江四湖·象山景区", "两江四湖象山景区"),
        ("university", "ABC University", ""),
        ("university", "第一人民医院", ""),  # in every city
    ],
)
def test_names_of_places(kind, name, plain):
    assert place_name(kind, name) == plain


def test_rows_of_former_years_find_their_place():
    placer = Placer(load_matcher())
    former = {"province": "西藏自治区", "city": "日喀则地区", "county": "亚东县"}
    assert placer.code(former, to_county=True) == "540233"
    assert placer.code(former, to_county=False) == "5402"
    assert placer.code({"province": "重庆市", "city": "重庆市", "county": ""}, to_county=False) == "50"


def test_lists_of_a_folder(tmp_path):
    _write(tmp_path / "shanghai_official_roads.tsv.gz", "上海市嘉定区江桥镇海川路\troad\t上海市\t上海市\t嘉定区\t\t")
    placer = Placer(load_matcher())
    assert list(roads_of(tmp_path, ["shanghai_official_roads"], placer)) == [("310114", "海川路")]
    _write(tmp_path / "scenic_5a.tsv.gz", "天坛公园\tscenic_5A\t北京市\t北京市\t\t\t")
    found = list(pairs_of(tmp_path, "scenic", placer))
    assert found == [("11", "天坛公园"), ("6325", "青海湖景区"), ("6328", "青海湖景区")]  # the lake lies in three
    assert list_lines([("11", "乙路"), ("11", "甲路"), ("11", "甲路")]) == ["11\t乙路 甲路"]


def _write(path: Path, row: str) -> None:
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.write(f"name\tkind\tprovince\tcity\tcounty\tlon\tlat\n{row}\n")
