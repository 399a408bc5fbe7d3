"""Fitting: each row is judged by a model that has not seen it, and what is written can be read again."""

from __future__ import annotations

import numpy as np
import pytest

from buqi.address.layout import LAYOUT
from buqi.address.model import ANSWER_LEVELS, model_of
from buqi.address.network import UtilityNetwork
from buqi.address.proposal_kinds import PROPOSAL_KINDS
from buqi.address.proposals import Proposer
from buqi.divisions import load_matcher
from buqi.fitting import fit as fitting
from buqi.fitting.fit import FOLDS, certain_shares, fitted
from buqi.fitting.likelihood import Sample, fit
from buqi.fitting.record import record_of
from buqi.places.memory import empty_memory

WIDTH = len(LAYOUT.inputs)


@pytest.fixture(scope="module")
def proposer() -> Proposer:
    return Proposer(load_matcher(), empty_memory())


def row(text: str, province: str, city: str, county: str, slice_: str = "county_ambiguous") -> dict[str, str]:
    return {"input": text, "province": province, "city": city, "county": county, "slice": slice_}


ROWS = [
    row("鼓楼区中央路1号", "江苏省", "南京市", "鼓楼区"),
    row("鼓楼区五四路8号", "福建省", "福州市", "鼓楼区"),
    row("碑林区文昌路1号", "陕西省", "西安市", "碑林区", "county_first"),  # plain: nothing to weigh
    row("硅谷大街1198号", "吉林省", "长春市", "朝阳区", "road_first"),
    row("法门镇法门寺", "陕西省", "宝鸡市", "扶风县", "town_first"),
] * 4


def test_folds_are_fitted_without_their_rows(proposer, monkeypatch):
    seen = []

    def remembering(rows: Sample) -> UtilityNetwork:
        seen.append(len(rows.weight))
        weights, outside = fit(rows)
        zeros = np.zeros((WIDTH, 1)), np.zeros(1), np.zeros(1)
        return UtilityNetwork(np.ones(WIDTH), weights.astype(np.float32), *zeros, np.array(outside))

    monkeypatch.setattr(fitting, "network_of", remembering)
    found = fitted(ROWS, proposer)
    assert len(found.folds) == FOLDS and seen == [12] * FOLDS + [16], "of 20 rows 4 are plain; a fold lacks a quarter"
    match = proposer.matcher.match("鼓楼区中央路1号")
    proposals = proposer.propose(match)
    p = found.model.probabilities(proposals.features, proposals.kind)
    assert proposer.counties[int(p.argmax())] == "320106" and p.max() > 0.5
    assert set(found.model.calibration) == {f"{level} {kind}" for level in ANSWER_LEVELS for kind in PROPOSAL_KINDS}

    record = record_of(found.model)
    again = model_of(record, {"": UtilityNetwork.of(found.model.network.arrays("table"), "table")})
    assert np.allclose(again.probabilities(proposals.features, proposals.kind), p, atol=0.02), "weights have 4 digits"
    with pytest.raises(KeyError, match="inputs"):
        model_of(record, {"": UtilityNetwork(*(np.zeros(2) for _ in range(6)))})


def test_plain_readings_are_counted(proposer):
    wrong = {**ROWS[2], "city": "宝鸡市"}
    assert certain_shares(ROWS[2:3] * 8, proposer) == {"full": 0.9}
    assert certain_shares([*ROWS[2:3] * 8, wrong], proposer) == {"full": round(9 / 11, 4)}
