"""Districts of Hong Kong behind its parts and by their quarters."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buqi.address.data_tables import table_rows
from buqi.address.hong_kong import CODE, HONG_KONG_FILE, MAY_BE, SIGN, district_of, part_read_over, quarters
from buqi.divisions import load_matcher, load_table


@pytest.mark.parametrize(
    ("text", "district", "lead", "detail"),
    [
        ("香港新界沙田源禾路18号", "沙田区", "新界", "源禾路18号"),
        ("九龍觀塘開源道68號", "观塘区", "九龍", "開源道68號"),
        ("HK 旺角亚皆老街8号", "油尖旺区", "", "旺角亚皆老街8号"),
        ("香港仔大道", "南区", "", "香港仔大道"),
        ("地址:香港铜锣湾轩尼诗道500号", "湾仔区", "地址:", "铜锣湾轩尼诗道500号"),
    ],
)
def test_a_district_is_known_by_its_part_or_quarter(text: str, district: str, lead: str, detail: str) -> None:
    table = load_table()
    found = district_of(load_matcher().match(text), table)
    assert found is not None
    assert (table.names[found.code], found.lead, found.detail) == (district, lead, detail)


@pytest.mark.parametrize(
    "text", ["九龙县呷尔镇", "香港中路66号", "旺角弥敦道1号", "九龙蓝田村", "香港旺角路1号", "香港"]
)
def test_no_district_is_named(text: str) -> None:
    assert district_of(load_matcher().match(text), load_table()) is None


@pytest.mark.parametrize(
    ("text", "part"),
    [("香港新界沙田區正街18號", "新界"), ("香港九龙油尖旺区", "九龙"), ("香港沙田区", ""), ("广东省九龙路", "")],
)
def test_a_part_between_two_names_is_told(text: str, part: str) -> None:
    assert part_read_over(load_matcher().match(text)) == part


def test_every_quarter_lies_in_a_district() -> None:
    head, rows = table_rows(HONG_KONG_FILE)
    assert len(rows) == len(quarters()) > 100 and all(len(row) == len(head) for row in rows)
    assert {code for code, _ in quarters().values()} == {
        county.code for county in load_table().at("county") if county.code.startswith(CODE)
    }


@given(st.from_regex(MAY_BE.pattern), st.booleans())
def test_every_name_of_it_has_a_sign(text, large):
    assert SIGN.search(text.upper() if large else text)
