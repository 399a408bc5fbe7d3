"""The fitted numbers: whole, calibrated, read by the names of what they weigh."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from importlib import resources

import numpy as np
import pytest

from buqi.address.completer import Completer
from buqi.address.layout import LAYOUT
from buqi.address.model import CHOOSER_FILE, COMPETING, MODELS, likeliest, load_chooser, model_of
from buqi.address.network import UtilityNetwork
from buqi.address.proposal_kinds import PROPOSAL_KINDS
from buqi.address.proposals import FEATURES
from buqi.places.memory import empty_memory


def test_chooser_numbers_are_whole():
    chooser = load_chooser()
    for model in (chooser.table, chooser.memory, chooser.large):
        assert len(model.weights) == len(LAYOUT.terms)
        assert all(math.isfinite(w) for w in model.weights)
        p = model.probabilities(np.zeros((5, len(FEATURES))), "bare")
        assert p.shape == (5,) and 0 < p.sum() < 1
        for kind in PROPOSAL_KINDS:
            low, high = (model.confidence("county", x, kind) for x in (0.2, 0.8))
            assert 0 < low < high < 1
    with pytest.raises(KeyError):
        model_of({"weights": {}, "calibration": {}}, {"": chooser.table.network})


def test_every_kind_has_a_threshold_and_a_users_own_counts_for_all():
    for model in (load_chooser().table, load_chooser().memory, load_chooser().large):
        assert set(model.thresholds) == set(PROPOSAL_KINDS) and all(0.5 <= t <= 0.95 for t in model.thresholds.values())
    assert Completer(empty_memory(), 0.99).verdicts.least("bare", "city") == 0.99
    assert Completer(empty_memory()).verdicts.least("bare", "province") == 0.9


def test_institutions_are_less_sure_with_a_memory():
    chooser = load_chooser()
    for model in (chooser.memory, chooser.large):
        assert 0.6 < model.of_institution(0.9) < 0.9 and model.of_institution(0.6) < 0.5
    assert chooser.table.of_institution(0.9) == 0.9  # fitted on rows of institutions


def test_shipped_networks_fit_their_inputs():
    chooser = load_chooser()
    for model in (chooser.table, chooser.memory, chooser.large):
        assert model.network.scale.shape == model.reads.shape and np.isfinite(model.network.hidden).all()


def shipped_record() -> dict:
    return json.loads(resources.files("buqi.address").joinpath("data", CHOOSER_FILE).read_text(encoding="utf-8"))


def test_the_shipped_numbers_know_every_term_and_input():
    record = shipped_record()
    assert set(record["inputs"]) == set(LAYOUT.inputs)
    assert all(set(record[name]["weights"]) == set(LAYOUT.terms) for name in MODELS)


def test_inputs_are_read_by_their_names_in_any_order():
    features = np.random.default_rng(0).random((70, len(FEATURES)))
    record, one = shipped_record(), load_chooser().table
    turned = np.arange(len(record["inputs"]))[::-1]
    network = one.network
    networks = {
        "": UtilityNetwork(
            network.scale[turned], network.linear[turned], network.hidden[turned], network.bias, network.out,
            network.outside,
        )
    }  # fmt: skip
    alone = {name: value for name, value in record["table"].items() if name != "by_kind"}
    again = model_of(alone, networks, [record["inputs"][i] for i in turned])
    assert np.allclose(again.probabilities(features, "bare"), one.probabilities(features, "bare"), atol=1e-6)


def test_numbers_of_something_that_no_evidence_says_are_refused():
    record, network = shipped_record()["table"], load_chooser().table.network
    with pytest.raises(KeyError, match="terms: moon"):
        model_of(record | {"weights": {"moon": 1.0}, "by_kind": {}}, {"": network})
    with pytest.raises(KeyError, match="moon"):
        model_of(record | {"by_kind": {}}, {"": network}, [*LAYOUT.inputs[1:], "moon"])


@pytest.mark.parametrize("counties", [70, 255, 256, 2851])
@pytest.mark.parametrize("digits", [0, 1, 9])  # many, some, no equal scores
def test_the_highest_scores_compete(counties, digits):
    scores = np.random.default_rng(1).normal(size=(5, counties)).round(digits)
    wanted = np.argpartition(-scores, COMPETING, axis=1)[:, :COMPETING]
    assert np.sort(likeliest(scores)).tolist() == np.sort(wanted).tolist()


def test_nothing_at_work_imports_the_fitting():
    code = "import sys, buqi.address.completer; print(any(name.startswith('buqi.fitting') for name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
