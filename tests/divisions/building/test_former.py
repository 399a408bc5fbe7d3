"""Former names lead to the division of today."""

from __future__ import annotations

from buqi.divisions.building.former import Change, Successors, corrected, read_changes
from buqi.divisions.table import FormerName, Table, load_former


def test_successors_follow_changes_in_order():
    table = Table({"33": "浙江省", "3301": "杭州市", "330112": "临安区"})
    changes = [
        Change(1996, "浙江省", "临安县", "浙江省", "临安市"),
        Change(2017, "浙江省", "临安市", "浙江省", "临安区"),
    ]
    successors = Successors(table, changes)
    found = successors.find("浙江省", "临安县")
    assert found is not None and found.code == "330112"
    assert successors.find("浙江省", "临安县", year=2000) is None  # that change is older
    assert successors.find("江苏省", "临安县") is None


def test_events_without_successor_are_left_out():
    assert read_changes([{"year": 1999, "old_path": ["西藏自治区", "盐井县"], "new_path": None}]) == []


def test_successors_are_corrected():
    names = [FormerName("枝江县", "county", 1980, 1995, "420581"), FormerName("忠县", "county", 1980, 1996, "500101")]
    assert [(former.name, former.successor) for former in corrected(names)] == [("枝江县", "420583")]


def test_no_former_name_of_the_shipped_list_is_to_be_corrected():
    assert list(corrected(load_former())) == list(load_former())
