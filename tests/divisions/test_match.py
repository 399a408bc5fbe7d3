from __future__ import annotations

from buqi.divisions import load_table
from buqi.divisions.match import Candidate, Match, common


def test_equal_candidates_have_a_path_in_common():
    table = load_table()
    match = Match("鼓楼区", tuple(Candidate(table.path(code), 3.0) for code in ("320106", "320302")), equal=2)
    assert match.best is None and match.path.full == "江苏省"
    assert match.candidates[0].code == "320106"
    assert common([]).full == ""


def test_an_address_is_the_text_behind_its_lead():
    assert Match("中国碑林区", lead="中国").address == "碑林区"
    assert Match("碑林区").address == "碑林区"
