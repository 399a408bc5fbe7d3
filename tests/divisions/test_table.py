from __future__ import annotations

import shutil
import subprocess
import zipfile
from collections import Counter
from importlib import resources
from pathlib import Path

import pytest

from buqi.divisions import load_table
from buqi.divisions.building import build, sources
from buqi.errors import BuqiError


def test_counts_are_the_sources():
    counts = Counter(d.level for d in load_table().by_code.values())
    assert counts == {"province": 34, "city": 353, "county": 3228, "town": 38723}


def test_every_division_hangs_under_a_province():
    table = load_table()
    for code in table.by_code:
        path = table.path(code)
        assert path.divisions[0].level == "province"
        assert path.divisions[-1].code == code


@pytest.mark.parametrize(
    ("text", "codes", "rest"),
    [
        (
            "陕西省宝鸡市扶风县法门镇法门寺",
            {"province": "61", "city": "6103", "county": "610324", "town": "610324107"},
            "法门寺",
        ),
        ("广东省东莞市虎门镇x", {"province": "44", "city": "4419", "town": "441900121"}, "x"),
        ("北京市朝阳区x", {"province": "11", "county": "110105"}, "x"),
        ("湖北省仙桃市x", {"province": "42", "county": "429004"}, "x"),
        ("碑林区x", {}, "碑林区x"),
        ("陕西省南京市x", {"province": "61"}, "南京市x"),
        ("", {}, ""),
    ],
)
def test_read(text, codes, rest):
    path, left = load_table().read(text)
    assert (path.codes, left) == (codes, rest)


def test_villages_lie_under_todays_towns():
    table = load_table()
    found = {v.name: v for v in table.villages("610324107")}
    assert found["法门寺文化景区社区"].code == "610324107001"
    assert found["美阳村委会"].level == "village"
    assert table.villages("nothing") == []
    codes = [v.code for town in table.at("town") for v in table.villages(town.code)]
    assert len(codes) == len(set(codes)) == 605_632
    assert all(len(code) == 12 and code.isdigit() for code in codes)
    assert table.read("陕西省宝鸡市扶风县法门镇美阳村委会")[1] == "美阳村委会", (
        "villages are not read from addresses yet"
    )


def test_other_bytes_are_not_built_from(tmp_path, monkeypatch):
    def serve(command, **_):
        with zipfile.ZipFile(f"{command[command.index('--dest') + 1]}/x.whl", "w") as wheel:
            wheel.writestr("x", "y")
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(sources.subprocess, "run", serve)
    with pytest.raises(BuqiError, match="sha256"):
        build.build(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_missing_client_is_named(monkeypatch):
    monkeypatch.setattr(sources.shutil, "which", lambda _: None)
    with pytest.raises(BuqiError, match="npm is not installed"):
        sources.nbs_lists()


def test_the_shipped_table_is_rebuilt_alike(tmp_path):
    if shutil.which("npm") is None:
        pytest.skip("npm is not installed; it serves the village list")
    built = build.build(tmp_path)
    assert built.levels == {"province": 34, "city": 353, "county": 3228, "town": 38723, "village": 605_632}
    assert built.former["county"] > 1000 and built.former["town"] > 7000 and built.former["zone"] > 2000
    for name, digest in built.files.items():
        assert build.text_hash(Path(str(resources.files("buqi.divisions").joinpath("data", name)))) == digest, name
