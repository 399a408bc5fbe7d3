"""``buqi mcp`` without its SDK, and with a wrong option."""

from __future__ import annotations

import sys

from tests.helpers import buqi


def test_what_is_missing_is_said_before_anything_is_loaded(monkeypatch):
    monkeypatch.setitem(sys.modules, "mcp.server", None)
    done = buqi("mcp", code=1)
    assert "pip install 'mcp>=2'" in done.stderr and done.stdout == ""


def test_a_threshold_that_is_none():
    assert "threshold" in buqi("mcp", "--threshold", "2", code=2).stderr
