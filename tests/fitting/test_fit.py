"""Fitting: each row is judged by a model that has not seen it, and what is written can be read again."""

from __future__ import annotations

import numpy as np
import pytest

from buqi.address.layout import LAYOUT
from buqi.address.model import ANSWER_LEVELS, Model, array_name, load_chooser, model_of
from buqi.address.network import Network
from buqi.address.proposal_kinds import PROPOSAL_KINDS
from buqi.address.proposals import FEATURES, Proposer
from buqi.divisions import load_matcher
from buqi.errors import UsageError
from buqi.fitting import fit as fitting
from buqi.fitting.fit import FOLDS, aligned, arrays_of, certain_shares, fitted, main, record_of, replaced
from buqi.fitting.likelihood import Sample, fit
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
] * 8


def test_folds_are_fitted_without_their_rows(proposer, monkeypatch):
    seen = []

    def remembering(of: Sample) -> Network:
        seen.append(len(of.weight))
        weights, outside = fit(of)
        zeros = np.zeros((WIDTH, 1)), np.zeros(1), np.zeros(1)
        return Network(np.ones(WIDTH), weights.astype(np.float32), *zeros, np.array(outside))

    monkeypatch.setattr(fitting, "network_of", remembering)
    found = fitted(ROWS, proposer)
    assert len(found.folds) == FOLDS and seen == [24] * FOLDS + [32], "of 40 rows 8 are plain; a fold lacks a quarter"
    match = proposer.matcher.match("鼓楼区中央路1号")
    proposals = proposer.propose(match)
    p = found.model.probabilities(proposals.features, proposals.kind)
    assert proposer.counties[int(p.argmax())] == "320106" and p.max() > 0.5
    assert set(found.model.calibration) == {f"{level} {kind}" for level in ANSWER_LEVELS for kind in PROPOSAL_KINDS}

    record = record_of(found.model)
    again = model_of(record, {"": Network.of(found.model.network.arrays("table"), "table")})
    assert np.allclose(again.probabilities(proposals.features, proposals.kind), p, atol=0.02), "weights have 4 digits"
    with pytest.raises(KeyError, match="inputs"):
        model_of(record, {"": Network(*(np.zeros(2) for _ in range(6)))})


def test_plain_readings_are_counted(proposer):
    wrong = {**ROWS[2], "city": "宝鸡市"}
    assert certain_shares(ROWS[2:3] * 8, proposer) == {"full": 0.9}
    assert certain_shares([*ROWS[2:3] * 8, wrong], proposer) == {"full": round(9 / 11, 4)}


def test_only_some_kinds_are_fitted_anew():
    features = np.random.default_rng(1).random((70, len(FEATURES)))
    shipped = load_chooser().table
    size = len(LAYOUT.terms)
    lines = {f"{level} {kind}": (2.0, 0.5) for level in ANSWER_LEVELS for kind in PROPOSAL_KINDS}
    zeros = np.zeros((WIDTH, 1), np.float32), np.zeros(1, np.float32), np.zeros(1, np.float32)
    network = Network(np.ones(WIDTH, np.float32), np.zeros(WIDTH, np.float32), *zeros, np.float32(0.0))
    fresh = Model(np.zeros(size), network, lines, dict.fromkeys(PROPOSAL_KINDS, 0.9))
    mixed = replaced(shipped, fresh, ["full_name"])
    assert np.allclose(mixed.probabilities(features, "full_name"), fresh.probabilities(features, "full_name"))
    for kind in ("bare", "zone_first"):
        assert np.allclose(mixed.probabilities(features, kind), shipped.probabilities(features, kind))
    assert mixed.thresholds == shipped.thresholds | {"full_name": 0.9} and mixed.calibration["city full_name"] == (
        2.0,
        0.5,
    )
    assert mixed.calibration["city tied"] == shipped.calibration["city tied"]

    arrays = arrays_of("table", mixed)
    assert np.array_equal(mixed.reads, np.arange(WIDTH)), "one order for all that is written together"
    networks = {kind: Network.of(arrays, array_name("table", kind)) for kind in ("", *mixed.by_kind)}
    again = model_of(record_of(mixed), networks)
    for kind in ("full_name", "bare", "zone_first"):
        assert np.allclose(again.probabilities(features, kind), mixed.probabilities(features, kind), atol=1e-3)


def test_an_unknown_kind_is_refused(tmp_path):
    with pytest.raises(UsageError, match="--only road: expected one of bare, zone_first"):
        main(tmp_path / "rows.jsonl", tmp_path, tmp_path, only=["road"])


def test_networks_that_read_less_are_aligned_with_the_layout():
    features = np.random.default_rng(2).random((70, len(FEATURES)))
    shipped = load_chooser().table
    less = Model(
        shipped.weights, shipped.network, shipped.calibration, shipped.thresholds, shipped.by_kind, shipped.reads
    )
    for kind in ("bare", "zone_first"):
        assert np.allclose(aligned(less).probabilities(features, kind), less.probabilities(features, kind), atol=1e-5)
