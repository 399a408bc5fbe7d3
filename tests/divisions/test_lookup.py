"""Divisions by name or code."""

from __future__ import annotations

import pytest

from buqi.divisions.lookup import look_up
from buqi.errors import BuqiError


def test_names_full_and_short_and_codes():
    for asked in ("扶风县", "扶风", "610324"):
        (found,) = look_up(asked)
        assert (found["full"], found["code"], found["level"]) == ("陕西省宝鸡市扶风县", "610324", "county")
        assert any(town["name"] == "法门镇" for town in found["under"])
    assert len(look_up("鼓楼区")) == 4


def test_a_former_name_tells_its_successor():
    found = look_up("梅列区")
    assert found[-1]["level"] == "former county" and "today in 福建省三明市三元区" in found[-1]["today"]


def test_a_name_that_is_none_names_those_like_it():
    with pytest.raises(BuqiError, match="not in the table; it has .*法门"):
        look_up("法门")
    for mistyped in ("法门填", "法门寺镇", "法门"):
        with pytest.raises(BuqiError, match="not in the table; it has .*法门镇"):
            look_up(mistyped)
    with pytest.raises(BuqiError, match="not in the table$"):
        look_up("qqq")
    with pytest.raises(BuqiError, match="it has .*扶风县"):
        look_up("扶凤县")


@pytest.mark.parametrize("name", ["", " "])
def test_no_name_is_asked_for_one(name):
    with pytest.raises(BuqiError, match="expected a division's name or its code"):
        look_up(name)
