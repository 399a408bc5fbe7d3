"""Several addresses weighed at once are weighed as one by one."""

from __future__ import annotations

import numpy as np
import pytest

from buqi.address.layout import LAYOUT
from buqi.address.model import load_chooser
from buqi.address.proposals import Proposer
from buqi.address.sheet import Sheet
from buqi.divisions import load_matcher
from buqi.places.memory import empty_memory

TEXTS = (
    "文一西路969号",
    "鼓楼区中央路1号",
    "高新区科技路1号",
    "普陀区宁夏路777号",
    "桂林市香樟林",
    "张黄工业园区2号",
    "遂宁大桥旁8号",
    "危县人民路",
    "64弄26号",
)


@pytest.fixture(scope="module")
def proposals():
    proposer = Proposer(load_matcher(), empty_memory())
    return proposer.propose_all([proposer.matcher.match(text) for text in TEXTS])


def test_the_sums_and_features_are_those_of_all_counties(proposals):
    weights = np.random.default_rng(1).normal(size=len(LAYOUT.terms))
    sheet = Sheet(proposals)
    wanted = np.array([LAYOUT.terms_of(one.features) @ weights for one in proposals])
    assert np.allclose(sheet.scores(weights), wanted)
    everyone = np.tile(np.arange(proposals[0].counties), (len(TEXTS), 1))
    assert np.allclose(sheet.features(everyone), [one.features for one in proposals])


@pytest.mark.parametrize("name", ["table", "memory"])
def test_probabilities_of_several_are_those_of_each(proposals, name):
    model = getattr(load_chooser(), name)
    together = model.weighed(proposals)
    for one, p in zip(proposals, together, strict=True):
        assert np.allclose(model.probabilities(one.features, one.kind), p, atol=1e-6), one.match.text
    assert np.allclose(model.weighed(proposals[2:3]), together[2:3], atol=1e-6)
