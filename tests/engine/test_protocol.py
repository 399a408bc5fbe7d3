from __future__ import annotations

import pytest

from buqi.engine.protocol import BASE, admit, known
from buqi.errors import UsageError


@pytest.mark.parametrize("name", [BASE, "", "-x", "a b", "../x", "名", "x" * 65])
def test_names_that_no_adapter_may_have(name):
    with pytest.raises(UsageError, match="adapter name"):
        admit(name, [], 4)


def test_so_many_adapters_and_no_more():
    admit("b", ["a"], 2)
    admit("a", ["a", "b"], 2)  # in place of one that is there
    with pytest.raises(UsageError, match="2 adapters are loaded, no more than 2 may be"):
        admit("c", ["a", "b"], 2)


def test_what_is_not_loaded_is_named():
    known("a", ["a"])
    with pytest.raises(UsageError, match="'b' is not loaded; loaded: base, a"):
        known("b", ["a"])
