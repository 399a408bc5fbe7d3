from __future__ import annotations

import pytest

from buqi.errors import UsageError
from buqi.synthesis import counties_of
from buqi.synthesis.inputs import SeenInputs, check_kinds


def test_an_input_is_new_once():
    seen = SeenInputs()
    assert [seen.add(text) for text in ("甲", "乙", "甲", "")] == [True, True, False, True]


def test_kinds_are_checked():
    check_kinds(counties_of("扶风县"), ["typo"], {"typo": 1.0})
    with pytest.raises(UsageError, match="damage tpyo: expected some of typo"):
        check_kinds(counties_of("扶风县"), ["tpyo"], {"typo": 1.0})
