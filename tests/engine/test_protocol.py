"""Names of adapters, and how many there may be."""

from __future__ import annotations

import pytest

from buqi.engine.protocol import BASE, TooManyAdaptersError, adapter_of_each, check_loaded, check_name
from buqi.errors import UsageError


@pytest.mark.parametrize("name", ["", BASE, "a/b", "-a", "a" * 65, "a b"])
def test_bad_names_are_refused(name):
    with pytest.raises(UsageError, match="letters, digits"):
        check_name(name, [], 3)


def test_no_more_adapters_than_may_be():
    check_name("a-1_B", ["x"], 2)
    check_name("x", ["x", "y"], 2)  # takes the place of its own
    with pytest.raises(TooManyAdaptersError, match="2 adapters are loaded, no more than 2 may be"):
        check_name("z", ["x", "y"], 2)


def test_unknown_adapters_are_named():
    check_loaded("x", ["x"])
    with pytest.raises(UsageError, match="'z' is not loaded; loaded: base, x"):
        check_loaded("z", ["x"])


def test_each_prompt_has_an_adapter():
    assert adapter_of_each("x", 2, ["x"]) == ["x", "x"]
    assert adapter_of_each(["x", BASE], 2, ["x"]) == ["x", BASE] and adapter_of_each(BASE, 1, []) == [BASE]
    with pytest.raises(UsageError, match="'z' is not loaded; loaded: base, x"):
        adapter_of_each(["x", "z"], 2, ["x"])
