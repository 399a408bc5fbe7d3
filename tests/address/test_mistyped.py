"""One slip or two, and whether the kind of a name was kept."""

from __future__ import annotations

import pytest

from buqi.address.mistyped import mistyped
from buqi.divisions import load_matcher


@pytest.mark.parametrize(
    ("text", "name", "features"),
    [
        ("危县友谊大街1号", "威县", (1.0, 0.0, 1.0)),
        ("鹿成区人民路1号", "潞城区", (1.0, 1.0, 1.0)),
        ("陇西线巩昌镇1号", "陇西县", (1.0, 0.0, 0.0)),
        ("碑林区文昌路1号", "碑林区", (0.0, 0.0, 0.0)),
    ],
)
def test_how_a_name_is_mistyped(text, name, features):
    candidates = load_matcher().match(text).candidates
    assert mistyped(text, next(c for c in candidates if c.path.name("county") == name)) == features
