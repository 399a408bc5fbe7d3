"""Answers on disk: found by text, apart by version, the first one stays."""

from __future__ import annotations

from buqi.bulk.kept import KeptFields


def test_what_is_kept_is_found_again(cache):
    kept = KeptFields("a")
    many = {f"{i}号": [i, None, "好"] for i in range(1200)}
    kept.put(many)
    kept.put({})
    assert KeptFields("a").get(["5号", "nothing", "1199号"]) == {"5号": [5, None, "好"], "1199号": [1199, None, "好"]}
    assert len(kept.get(list(many))) == 1200
    KeptFields("a").put({"5号": ["other"]})
    assert kept.get(["5号"]) == {"5号": [5, None, "好"]}
    assert KeptFields("b").get(["5号"]) == {}
