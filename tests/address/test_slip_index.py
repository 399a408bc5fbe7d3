"""The cities and counties of a province that a text may be mistyped for."""

from __future__ import annotations

import pytest

from buqi.address.slip_index import SlipIndex, exchanged
from buqi.divisions import load_table


@pytest.fixture(scope="module")
def index() -> SlipIndex:
    return SlipIndex(load_table())


@pytest.mark.parametrize(
    ("written", "name", "kind"),
    [
        ("昆善", "昆山", "sound"),
        ("义鸟", "义乌", "shape"),
        ("泰卅", "泰州", "shape"),
        ("深川", "深圳", "shape"),
        ("于台县", "盱眙县", "sound"),
        ("泯县", "岷县", "sound"),
        ("昆仑", "昆山", ""),
        ("长江", "常熟", ""),
        ("昆山", "昆山", ""),
    ],
)
def test_a_name_is_written_for_another_by_its_sound_or_look(written: str, name: str, kind: str) -> None:
    assert exchanged(written, name) == kind


def test_what_is_meant_lies_in_what_is_named_around_it(index: SlipIndex) -> None:
    assert index.meant("昆善", "32") == index.meant("昆善", "3205") == [("320583", "sound")]
    assert index.meant("昆善", "3201") == []
    assert index.meant("苏洲", "320583") == [("3205", "sound")]


def test_a_text_unlike_all_names_means_none(index: SlipIndex) -> None:
    assert index.meant("人民", "32") == []
