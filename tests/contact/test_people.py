"""Names by their form."""

from __future__ import annotations

import pytest

from buqi.contact.people import COMPOUND, SURNAMES, is_labelled_name, is_name, is_titled


def test_the_word_lists_are_read():
    assert len(SURNAMES) > 300 and {"王", "李", "张"} <= SURNAMES
    assert "欧阳" in COMPOUND and all(len(name) == 2 for name in COMPOUND)


@pytest.mark.parametrize("token", ["张三", "王小明", "欧阳娜娜", "王先生", "阿不都·热西提", "张*明", "王　明"])
def test_names(token):
    assert is_name(token)


@pytest.mark.parametrize("token", ["万达", "张家村", "王府井大街", "花园", "人民路", "周六", "12", "收件人"])
def test_what_begins_like_a_name_and_is_none(token):
    assert not is_name(token)


def test_some_forms_are_names_only_beside_a_telephone():
    for token in ("老三", "小明", "Zhang San"):
        assert is_name(token, near=True) and not is_name(token)
    assert not is_name("Beijing Road", near=True)


def test_a_place_s_last_character_may_end_a_name_far_from_places():
    assert is_name("王小山", far_from_places=True) and not is_name("王小山")


def test_two_surnames_and_two_more_are_a_name_where_all_speaks_for_it():
    assert is_name("张王丽华", near=True, far_from_places=True) and not is_name("张王丽华", near=True)


def test_titles():
    assert is_titled("王先生") and is_titled("张小明女士")
    assert not is_titled("王小明") and not is_titled("大厦经理")


def test_behind_a_label_any_short_word_is_a_name_but_a_place_or_firm():
    assert is_labelled_name("木子") and is_labelled_name("Amy")
    assert not is_labelled_name("碑林区") and not is_labelled_name("某公司") and not is_labelled_name("12345")
