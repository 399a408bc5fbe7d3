"""A name is looked up in the memory and in the lists."""

from __future__ import annotations

from buqi.places.lookup import look_up


def test_where_a_name_was_seen_and_where_lists_have_it(memory):
    found = look_up("文一西路", memory)
    seen = [(place["place"], place["count"]) for place in found if not place.get("list")]
    assert seen == [("浙江省杭州市余杭区仓前街道", 3), ("浙江省杭州市西湖区", 1)]
    assert found[len(seen) :] == [{"place": "浙江省杭州市", "count": 0, "list": True}]
    assert look_up("没有这条路", memory) == []
