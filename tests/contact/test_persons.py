"""Which words of a line are the receiver's name."""

from __future__ import annotations

import pytest

from buqi.contact import read_line
from buqi.contact.persons import _town_stems

ADDRESS = "陕西省西安市碑林区长乐路1号"


@pytest.mark.parametrize(
    ("line", "name"),
    [
        (f"收货人：王小明 {ADDRESS}", "王小明"),
        (f"{ADDRESS} 张三收", "张三"),
        (f"{ADDRESS} 王先生", "王先生"),
        (f"张三 13800000000 {ADDRESS}", "张三"),
        (f"张三{ADDRESS}13800000000", "张三"),
        (f"{ADDRESS}张三 13800000000", "张三"),
        (f"王小明13800000000{ADDRESS}", "王小明"),
        (f"寄:张伟13800000000{ADDRESS}", "张伟"),
        (f"收王小姐13800000000{ADDRESS}", "王小姐"),
        (f"13800000000陈生{ADDRESS}", "陈生"),
        (f"13800000000李女士{ADDRESS}", "李女士"),
        (f"13800000000李四{ADDRESS}", "李四"),
    ],
)
def test_names_are_found_by_what_stands_around_them(line, name):
    found = read_line(line)
    assert (found.name, found.address) == (name, ADDRESS)


def test_a_name_that_is_a_place_of_the_address_stays_in_it():
    found = read_line("高平 13800000000 山西省晋城市人民路1号")
    assert found.name == "" and "高平" in found.address
    assert read_line(f"高平 13800000000 {ADDRESS}").name == "高平"


def test_without_a_telephone_or_a_label_nobody_is_found():
    assert read_line(f"张三 {ADDRESS}").name == ""


def test_towns_are_known_without_the_word_of_their_kind():
    stems = _town_stems()
    assert "610324107" in stems["法门"]
    assert not any(stem.endswith(("镇", "街道")) and len(stem) > 3 for stem in list(stems)[:200])
