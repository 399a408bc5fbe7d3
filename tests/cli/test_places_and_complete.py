"""Learning places, completing with them, and quantising, as a person types them."""

from __future__ import annotations

import gzip
import json

import pytest

from tests.conftest import write_jsonl
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


def test_complete_modes(tmp_path, monkeypatch):
    monkeypatch.setenv("BUQI_PLACES", str(tmp_path / "none"))
    assert buqi("complete", "扶风法门镇法门寺").stdout == "陕西省宝鸡市扶风县法门镇法门寺\n"
    assert json.loads(buqi("complete", "碑林区1号", "--mode", "match", "--json").stdout)["confidence"] is None
    assert "expected one of auto, match, generate" in buqi("complete", "x", "--mode", "best", code=2).stderr
    assert "only with --mode auto" in buqi("complete", "x", "--mode", "match", "--threshold", 0.5, code=2).stderr
    assert "only with --mode generate" in buqi("complete", "x", "--allowed", tmp_path / "a.txt", code=2).stderr
    assert "asks no model" in buqi("complete", "x", "--mode", "match", "--model", "y", code=2).stderr


def test_only_allowed_answers(tiny, tmp_path):
    (tmp_path / "allowed.txt").write_text("甲\n乙\n", encoding="utf-8")
    words = ["complete", "x", "--mode", "generate", "--model", tiny, "--engine", "torch", "--json"]
    found = json.loads(buqi(*words, "--allowed", tmp_path / "allowed.txt").stdout)
    assert found["alternatives"][0]["full"] in ("甲", "乙")
    (tmp_path / "empty.txt").write_text("\n", encoding="utf-8")
    assert "no answers in it" in buqi(*words, "--allowed", tmp_path / "empty.txt", code=2).stderr


def test_quantize(tiny, tmp_path):
    rows = write_jsonl(tmp_path / "rows.json", [{"src": "补齐五级行政地址: 碑林区1号", "tgt": "x"}])
    words = ["quantize", tiny, "--rows", rows, "--out", tmp_path / "m.gguf"]
    done = buqi(*words, "--bits", 16)
    assert "of 1 answers" in done.stdout and "m.Modelfile" in done.stderr
    assert "--overwrite" in buqi(*words, code=2).stderr
    found = json.loads(buqi(*words, "--overwrite", "--json").stdout)
    assert found["types"] == {"layers": "Q8_0", "embedding": "Q8_0"}
