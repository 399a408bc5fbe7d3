"""The names of provinces, cities and counties that a text begins with."""

from __future__ import annotations

import pytest

from buqi.address.front_names import front_names
from buqi.divisions import load_matcher


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("江苏武进郑陆镇", [("江苏", "short"), ("武进", "short")]),
        (
            "江苏省苏州市昆山市江苏昆山花桥镇",
            [("江苏省", "full"), ("苏州市", "full"), ("昆山市", "full"), ("江苏", "short"), ("昆山", "short")],
        ),
        ("江苏义乌佛堂镇", [("江苏", "short")]),
        ("花桥镇绿地大道", []),
    ],
)
def test_names_of_one_place_are_read_one_behind_the_other(text: str, names: list[tuple[str, str]]) -> None:
    found = front_names(load_matcher().lexicon, text, 0)
    assert [(text[name.start : name.end], name.kind) for name in found] == names


def test_a_short_name_may_mean_a_city_and_a_county() -> None:
    (name,) = front_names(load_matcher().lexicon, "长沙跳马镇", 0)
    assert set(name.codes) == {"4301", "430121"}
