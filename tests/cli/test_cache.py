"""The cache is shown and cleared; a first start makes indexes and says so, a second one does not."""

from __future__ import annotations

import json
import os

from tests.helpers import buqi, buqi_process


def test_indexes_are_made_shown_and_cleared(cache):
    assert "nothing in it" in buqi("cache", "show").stderr
    first, second = (buqi_process("complete", "鼓楼区中央路1号", "--json") for _ in range(2))
    other = buqi_process("complete", "临安市锦北街道1号")
    assert first.stdout == second.stdout and json.loads(first.stdout)["city"] == "南京市"
    assert f"making indexes, once; they are kept in {cache / 'indexes'}" in first.stderr
    assert "index" not in second.stderr and "index" not in other.stderr, "other indexes are made without a word"
    shown = json.loads(buqi("cache", "show", "--json").stdout)
    assert [part["name"] for part in shown] == ["indexes"] and 20e6 < shown[0]["bytes"] < 80e6
    assert "name what to remove, or all: indexes (" in buqi("cache", "clear", code=2).stderr
    assert buqi("cache", "clear", "indexes").stdout.startswith("removed indexes")
    assert list(cache.iterdir()) == []
    assert "nothing to remove" in buqi("cache", "clear").stderr
    assert "expected one of" in buqi("cache", "clear", "nothing", code=2).stderr


def test_a_cache_that_cannot_be_made_is_done_without(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("BUQI_CACHE", str(tmp_path / "file"))
    found = buqi_process("complete", "江苏省南京市鼓楼区中央路1号", "--json")
    assert json.loads(found.stdout)["county"] == "鼓楼区"
    assert "indexes are made at each start" in found.stderr and os.listdir(tmp_path) == ["file"]
