"""One slip or two, and whether the kind of a name was kept."""

from __future__ import annotations

import pytest

from buqi.address.mistyped import slips_in
from buqi.divisions import load_matcher


@pytest.mark.parametrize(
    ("text", "name", "slips"),
    [
        ("危县友谊大街1号", "威县", (True, 0, True)),
        ("鹿成区人民路1号", "潞城区", (True, 1, True)),
        ("陇西线巩昌镇1号", "陇西县", (True, 0, False)),
        ("碑林区文昌路1号", "碑林区", (False, 0, False)),
    ],
)
def test_how_a_name_is_mistyped(text, name, slips):
    candidates = load_matcher().match(text).candidates
    assert slips_in(text, next(c for c in candidates if c.path.name("county") == name)) == slips
