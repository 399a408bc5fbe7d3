from __future__ import annotations

import pytest

from buqi.divisions.lexicon import Lexicon, load_lexicon
from buqi.divisions.lexicon_names import from_lists, names_of, spellings, to_lists
from buqi.divisions.meaning import FORMER, FULL, SHORT
from buqi.divisions.table import Table, load_table
from buqi.indexes.arrays import packed_lists, text_lists


def kinds(text: str, under: bool = False) -> dict[str, set[str]]:
    return {text[:n]: {m.kind for m in found} for n, found in load_lexicon().starting(text, 0, under)}


def test_names_that_begin_at_a_position_the_longest_first():
    assert kinds("吉林市船营区") == {"吉林市": {FULL}, "吉林": {SHORT}}
    assert kinds("人民路1号") == {}
    assert list(kinds("楚雄彝族自治州姚安县")) == ["楚雄彝族自治州", "楚雄彝族自治", "楚雄"]


def test_an_autonomous_place_may_lack_its_last_character():
    assert kinds("东乡族自治赵家乡") == {"东乡族自治": {"missing"}, "东乡族": {SHORT}, "东乡": {SHORT}}


def test_short_names_that_count_only_under_another_name():
    assert "鄂托克前" not in kinds("鄂托克前人民路") and "鄂托克前" in kinds("鄂托克前人民路", under=True)


def test_a_provinces_short_name_is_first_of_all_the_provinces():
    meanings = dict(load_lexicon().starting("河南人民路", 0))[2]
    assert {(m.code, m.alone > 0) for m in meanings} >= {("41", False), ("632324", True)}


def test_zones_are_no_counties():
    lexicon = load_lexicon()
    zone = next(m for m in lexicon.names["苏州工业园区"] if m.kind == FORMER)
    county = next(m for m in lexicon.names["滨海新区"] if m.kind == FULL)
    assert lexicon.is_zone(zone) and not lexicon.is_zone(county)


@pytest.mark.parametrize(
    ("text", "name", "kind"),
    [("杯林区1号", "碑林区", "sound"), ("乌鲁木市1号", "乌鲁木齐市", "missing"), ("林碑区1号", "碑林区", "swapped")],
)
def test_mistyped_names(text, name, kind):
    found = {(m.name, m.kind) for _, meanings in load_lexicon().mistyped(text, 0) for m in meanings}
    assert (name, kind) in found


def test_a_name_is_no_mistyped_form_of_itself():
    assert all(m.name != "广州市" for _, found in load_lexicon().mistyped("广州市天河路", 0) for m in found)
    assert all(m.name != "井冈山市" for _, found in load_lexicon().mistyped("井冈山大道", 0) for m in found)


def test_spellings_in_traditional_script_that_do_not_turn_back():
    assert spellings("于河街道") == ["于河街道", "於河街道"]
    assert spellings("碑林区") == ["碑林区"]
    assert "干𥗽镇" in spellings("干𬒗镇")


def test_an_index_of_the_names_is_as_the_names():
    made = names_of(load_table())
    packed = {part: text_lists(packed_lists(part, lists), part) for part, lists in to_lists(made).items()}
    read = from_lists(packed)
    assert dict(read.names) == made.names and dict(read.stubs) == made.stubs and read[2:] == made[2:]
    assert list(read.names) == list(made.names)
    table = Table(load_table().names)
    lexicon, shipped = Lexicon(table), load_lexicon()
    assert dict(shipped.names) == lexicon.names and shipped.lengths == lexicon.lengths
    assert list(lexicon.mistyped("杯林区1号", 0)) == list(shipped.mistyped("杯林区1号", 0))
