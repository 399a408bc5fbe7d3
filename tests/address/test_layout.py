"""Terms and inputs follow from what the columns declare."""

from __future__ import annotations

import numpy as np

from buqi.address.evidence import COLUMNS, FEATURES, Column
from buqi.address.layout import LAYOUT, Layout
from buqi.address.model import CountyModel, load_chooser
from buqi.address.proposal_kinds import PROPOSAL_KINDS

SMALL = Layout(
    (
        Column("named"),
        Column("road", tells_presence=True),
        Column("pieces", times=("named",), above=2.0, compared=True, where=("road",)),
    ),
    ("bare", "tied"),
)
VALUES = np.array([[1.0, 0.0, 3.0], [2.0, 0.5, -1.0]])


def test_terms():
    assert SMALL.terms == ("named", "road", "pieces", "pieces×named", "pieces+")
    assert SMALL.terms_of(VALUES).tolist() == [[1.0, 0.0, 3.0, 3.0, 1.0], [2.0, 0.5, -1.0, -2.0, 0.0]]


def test_inputs():
    found = SMALL.inputs_of(VALUES[None], ["tied"])[0]
    by_name = dict(zip(SMALL.inputs, found.T.tolist(), strict=True))
    assert by_name["pieces where road"] == [3.0, -1.0]
    assert by_name["pieces beside the highest"] == [0.0, -4.0]
    assert by_name["road is present"] == [1.0, 1.0]
    assert np.allclose(by_name["highest pieces"], 0.6)
    assert by_name["kind bare"] == [0.0, 0.0] and by_name["kind tied"] == [1.0, 1.0]
    nowhere = VALUES * [1.0, 0.0, 1.0]
    found = SMALL.inputs_of(nowhere[None], ["tied"])[0]
    assert found[:, SMALL.inputs.index("pieces where road")].tolist() == [0.0, 0.0]


def test_inputs_hold_the_terms_and_say_the_kind():
    features = np.random.default_rng(0).random((3, len(FEATURES)))
    terms = LAYOUT.terms_of(features)
    bare, full = LAYOUT.inputs_of(np.array([features] * 2), ["bare", "full_name"])
    assert np.allclose(bare[:, : len(LAYOUT.terms)], terms) and terms.shape == (3, len(LAYOUT.terms))
    assert (bare != full).any(0).sum() == 2, "one kind for another"
    assert bare.dtype == np.float32 and bare.shape == (3, len(LAYOUT.inputs))


def test_one_column_more_says_nothing_until_the_numbers_are_fitted_again(monkeypatch):
    from buqi.address import model

    features, shipped = np.random.default_rng(0).random((70, len(FEATURES))), load_chooser().table
    more = Layout((Column("moon", times=("named",), compared=True), *COLUMNS), PROPOSAL_KINDS)
    weights = np.array([dict(zip(LAYOUT.terms, shipped.weights, strict=True)).get(name, 0.0) for name in more.terms])
    reads = np.array([more.inputs.index(LAYOUT.inputs[i]) for i in shipped.reads])
    wanted = shipped.probabilities(features, "bare")
    monkeypatch.setattr(model, "LAYOUT", more)
    again = CountyModel(weights, shipped.network, {}, {}, reads=reads)
    assert np.allclose(again.probabilities(np.c_[np.full(70, 9.0), features], "bare"), wanted)
