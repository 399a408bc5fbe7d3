"""What is written can be read again, with the numbers of some kinds of proposals replaced."""

from __future__ import annotations

import numpy as np

from buqi.address.layout import LAYOUT
from buqi.address.model import ANSWER_LEVELS, CountyModel, array_name, load_chooser, model_of
from buqi.address.network import UtilityNetwork
from buqi.address.proposal_kinds import PROPOSAL_KINDS
from buqi.address.proposals import FEATURES
from buqi.fitting.record import aligned, arrays_of, record_of, replaced

WIDTH = len(LAYOUT.inputs)


def test_only_some_kinds_are_fitted_anew():
    features = np.random.default_rng(1).random((70, len(FEATURES)))
    shipped = load_chooser().table
    size = len(LAYOUT.terms)
    lines = {f"{level} {kind}": (2.0, 0.5) for level in ANSWER_LEVELS for kind in PROPOSAL_KINDS}
    zeros = np.zeros((WIDTH, 1), np.float32), np.zeros(1, np.float32), np.zeros(1, np.float32)
    network = UtilityNetwork(np.ones(WIDTH, np.float32), np.zeros(WIDTH, np.float32), *zeros, np.float32(0.0))
    fresh = CountyModel(np.zeros(size), network, lines, dict.fromkeys(PROPOSAL_KINDS, 0.9))
    mixed = replaced(shipped, fresh, ["full_name"])
    assert np.allclose(mixed.probabilities(features, "full_name"), fresh.probabilities(features, "full_name"))
    for kind in ("bare", "zone_first"):
        assert np.allclose(mixed.probabilities(features, kind), shipped.probabilities(features, kind))
    assert mixed.thresholds == shipped.thresholds | {"full_name": 0.9}
    assert mixed.calibration["city full_name"] == (2.0, 0.5)
    assert mixed.calibration["city tied"] == shipped.calibration["city tied"]

    arrays = arrays_of("table", mixed)
    assert np.array_equal(mixed.reads, np.arange(WIDTH)), "one order for all that is written together"
    networks = {kind: UtilityNetwork.of(arrays, array_name("table", kind)) for kind in ("", *mixed.by_kind)}
    again = model_of(record_of(mixed), networks)
    for kind in ("full_name", "bare", "zone_first"):
        assert np.allclose(again.probabilities(features, kind), mixed.probabilities(features, kind), atol=1e-3)


def test_networks_that_read_in_another_order_are_aligned_with_the_layout():
    features = np.random.default_rng(2).random((70, len(FEATURES)))
    shipped = load_chooser().table
    for kind in ("bare", "zone_first"):
        assert np.allclose(
            aligned(shipped).probabilities(features, kind), shipped.probabilities(features, kind), atol=1e-5
        )
