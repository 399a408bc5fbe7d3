"""Places are learnt, used and forgotten."""

from __future__ import annotations

import gzip
import json

import pytest

from buqi.divisions import load_table
from tests.helpers import buqi

ROWS = [f"吉林省长春市朝阳区珠玑大街{n}号" for n in range(30)] + ["广东省深圳市南山区深南大道1号"]


@pytest.fixture
def orders(tmp_path):
    path = tmp_path / "orders.csv.gz"
    path.write_bytes(gzip.compress(("no,address\n" + "".join(f"{i},{a}\n" for i, a in enumerate(ROWS))).encode("gbk")))
    return path


def test_learn_show_complete_forget(orders, tmp_path, monkeypatch):
    monkeypatch.setenv("BUQI_PLACES", str(tmp_path / "places"))
    assert "nothing learnt yet" in buqi("places", "show").stderr
    assert json.loads(buqi("complete", "高新区珠玑大街9号", "--json").stdout)["status"] in ("unknown", "ambiguous")
    assert "orders: 2 names from 31 of 31 addresses" in buqi("places", "learn", orders).stdout
    assert "30  吉林省长春市朝阳区" in buqi("places", "show", "珠玑大街").stdout
    assert "not seen" in buqi("places", "show", "没有这条路", code=1).stderr
    found = json.loads(buqi("complete", "高新区珠玑大街9号", "--json").stdout)
    assert (found["city"], found["decided"]) == ("长春市", "memory")
    refused = buqi("complete", "高新区珠玑大街9号", "--threshold", 0.9999)
    assert "cannot tell" in refused.stdout and "吉林省长春市朝阳区" in refused.stdout
    buqi("places", "forget", "orders")
    assert json.loads(buqi("places", "show", "--json").stdout) == []
    assert "nothing was learnt" in buqi("places", "forget", "orders", code=2).stderr
    assert "--column x" in buqi("places", "learn", orders, "--column", "x", code=2).stderr


def test_a_name_with_many_places_takes_a_screen(tmp_path):
    table = load_table()
    counties = [d for d in table.by_code.values() if d.level == "county"][:400:10]
    (tmp_path / "full.txt").write_text("".join(f"{table.path(d.code).full}珠玑大街{d.code}号\n" for d in counties))
    memory = ("--memory", tmp_path / "places")
    buqi("places", "learn", tmp_path / "full.txt", "--names_only", *memory)
    every = json.loads(buqi("places", "show", "珠玑大街", "--json", *memory).stdout)
    shown = buqi("places", "show", "珠玑大街", *memory)
    assert len(every) > 20 and len(shown.stdout.splitlines()) == 19
    assert f"… and {len(every) - 19} more; --json prints all" in shown.stderr
