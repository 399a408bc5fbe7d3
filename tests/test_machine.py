from __future__ import annotations

import sys

import pytest

from buqi.machine import Taken, peak_memory_gb


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux says")
def test_what_a_block_takes_is_its_own():
    first = Taken()
    held = bytearray(80_000_000)
    held[::4096] = b"x" * len(held[::4096])
    assert 70 < first.mb < 200
    del held
    second = Taken()
    assert second.mb < 30, "an earlier peak does not count"
    assert peak_memory_gb() > 0.08
