"""Names, phone numbers, ID numbers and postcodes are cut out, and nothing else."""

from __future__ import annotations

import pytest

from buqi.synthesis.privacy import mask, valid_identity


@pytest.mark.parametrize(
    ("text", "left", "found"),
    [
        ("收件人：张三 13800138000 陕西省西安市碑林区1号", "陕西省西安市碑林区1号", (1, 1, 0)),
        ("李四，138-0013-8000，西安市碑林区1号", "西安市碑林区1号", (1, 1, 0)),
        ("西安市碑林区1号 11010519491231002X", "西安市碑林区1号", (0, 0, 1)),
        ("西安市碑林区1号110105194912310021", "西安市碑林区1号110105194912310021", (0, 0, 0)),  # wrong check digit
        ("西安市碑林区1号 029-87654321", "西安市碑林区1号", (0, 1, 0)),
        ("西安市碑林区1380号", "西安市碑林区1380号", (0, 0, 0)),
        ("西安市碑林区1号 阿依古丽 13800138000", "西安市碑林区1号", (1, 1, 0)),  # no surname that is common
        ("西安市碑林区 建国路 13800138000", "西安市碑林区 建国路", (0, 1, 0)),  # no name: a road
        ("西安市碑林区1号,李四,138****8000", "西安市碑林区1号", (1, 1, 0)),
        ("西安市碑林区1号，710001", "西安市碑林区1号", (0, 0, 0)),
        ("收货地址：西安市碑林区1号", "西安市碑林区1号", (0, 0, 0)),
    ],
)
def test_personal_data_is_cut_out(text, left, found):
    masked, counts = mask(text)
    assert masked == left
    assert tuple(counts.values()) == found


def test_identity_check_character():
    assert valid_identity("11010519491231002X")  # the example of GB 11643-1999
    assert not valid_identity("110105194912310020")


def test_a_line_too_long_to_be_read_keeps_no_number():
    masked, counts = mask("西安市碑林区1号" * 120 + " 13800138000")
    assert masked == "西安市碑林区1号" * 120 and counts["phones"] == 1
