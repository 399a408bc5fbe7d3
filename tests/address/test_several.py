from __future__ import annotations

import pytest

from buqi.address.several import split_addresses
from buqi.divisions import load_matcher


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("北京市海淀区1号；上海市浦东新区2号", ["北京市海淀区1号；", "上海市浦东新区2号"]),
        ("海淀区1号 或 浦东新区2号", ["海淀区1号 或", " 浦东新区2号"]),
        ("海淀区1号;3楼", ["海淀区1号;3楼"]),
        ("张三;海淀区1号", ["张三;海淀区1号"]),
        ("海淀区1号|碑林区2号|长安区3号", ["海淀区1号|", "碑林区2号|", "长安区3号"]),
    ],
)
def test_a_line_is_split_where_another_address_begins(text, addresses):
    found = split_addresses(text, load_matcher().lexicon)
    assert found == addresses
    assert "".join(found) == text
