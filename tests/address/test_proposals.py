"""Proposals: all evidence together."""

from __future__ import annotations

import numpy as np
import pytest

from buqi.address.proposals import FEATURES, Proposer
from buqi.divisions import load_matcher
from buqi.places.memory import empty_memory


@pytest.fixture(scope="module")
def proposer() -> Proposer:
    return Proposer(load_matcher(), empty_memory())


def test_a_county_named_in_full_is_believed(proposer):
    proposals = proposer.propose(proposer.matcher.match("普陀区宁夏路777号"))
    named = {proposer.counties[i] for i in np.flatnonzero(proposals.features.any(axis=1))}
    assert named == {"310107", "330903"}
    anywhere = proposer.propose(proposer.matcher.match("城区宁夏路777号"))
    assert anywhere.features.any(axis=1).all(), "城区 may also be no name"


def test_a_zones_kind_says_nothing_about_where_it_lies(proposer):
    match = proposer.matcher.match
    with_kind, alone = (proposer.propose(match(text)).features for text in ("南照经济开发区", "南照"))
    pieces, stem = FEATURES.index("pieces"), FEATURES.index("stem")
    assert np.allclose(with_kind[:, pieces], alone[:, pieces]) and with_kind[:, pieces].any()
    assert proposer.counties[int(with_kind[:, stem].argmax())] == "341226", "南照镇 is in 颍上县"


def test_a_proposal_says_its_kind_and_its_candidates(proposer):
    proposals = proposer.propose(proposer.matcher.match("鼓楼区中央路1号"))
    assert proposals.kind == "tied" and proposals.features.shape == (len(proposer.counties), len(FEATURES))
    assert proposals.candidates[proposer.below["320106"][0]].code == "320106"
