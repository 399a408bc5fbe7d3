"""Names, phone numbers and ID numbers are cut out, and nothing else."""

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
    ],
)
def test_personal_data_is_cut_out(text, left, found):
    masked, counts = mask(text)
    assert masked == left
    assert tuple(counts.values()) == found


def test_identity_check_character():
    assert valid_identity("11010519491231002X")  # the example of GB 11643-1999
    assert not valid_identity("110105194912310020")
