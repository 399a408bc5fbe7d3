from __future__ import annotations

import pytest

from buqi.synthesis.damage import DAMAGES
from buqi.synthesis.kinds import TEACHING
from buqi.synthesis.shares import OF_COUNTRY, OF_REGION


def test_every_kind_has_its_share():
    assert OF_COUNTRY.keys() == {*DAMAGES, *(kind.name for kind in TEACHING), "none"}
    assert OF_REGION.keys() == DAMAGES.keys()
    assert sum(OF_REGION.values()) == pytest.approx(1) and sum(OF_COUNTRY.values()) == pytest.approx(1)
