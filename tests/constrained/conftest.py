"""A chooser around the random model: what it likes is nonsense, what it may write is not."""

from __future__ import annotations

import pytest

from buqi.constrained import CountyChooser
from buqi.engine import BASE, TorchEngine
from buqi.task import ADDRESS


@pytest.fixture(scope="session")
def chooser(tiny) -> CountyChooser:
    return CountyChooser(TorchEngine(tiny), ADDRESS, BASE)
