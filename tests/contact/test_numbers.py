"""Telephones, postcodes and identity numbers by their form."""

from __future__ import annotations

import pytest

from buqi.contact.numbers import ALONE, IDENTITY, LABELLED_PHONE, PHONE_PATTERN, holds_contact, is_postcode


@pytest.mark.parametrize(
    "number",
    [
        *("13800000000", "138 0000 0000", "138-0000-0000", "+86 13800000000", "(86)13800000000", "138****0000"),
        *("029-88881234", "010 62345678", "(0571)87654321", "400-123-4567", "029-88881234-801", "13800000000转12"),
        "+1 415 555 0100",
    ],
)
def test_telephones(number):
    found = PHONE_PATTERN.search(f"碑林区长乐路，{number}，张三")
    assert found is not None and found[0] == number


@pytest.mark.parametrize("text", ["13800000000号", "12800000000", "138000000001", "A13800000000", "88号3栋2单元1501室"])
def test_doors_and_other_numbers_are_none(text):
    assert PHONE_PATTERN.search(text) is None


def test_behind_a_label_a_short_number_is_one():
    assert LABELLED_PHONE.match("110120")[0] == "110120"
    assert LABELLED_PHONE.match("1201号") is None


def test_a_postcode_is_of_its_province_or_beside_it():
    assert is_postcode("710000") and is_postcode("710000", "61")
    assert is_postcode("720000", "61") and not is_postcode("310000", "61")
    assert not is_postcode("990000")
    assert not is_postcode("710000", "81"), "Hong Kong has none"


def test_six_digits_before_a_door_are_no_postcode():
    assert ALONE.search("710000 碑林区")[0] == "710000"
    assert ALONE.search("710000号") is None


def test_what_holds_a_contact_is_written_nowhere():
    assert holds_contact("张三１３８００００００００")
    assert holds_contact("身份证 11010519491231002X") and IDENTITY.search("11010519491231002X")
    assert not holds_contact("碑林区长乐路1号 710000")
