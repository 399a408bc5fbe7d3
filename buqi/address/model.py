"""How likely each county is, from what speaks for it.

A conditional logit model (McFadden 1974) over the likeliest counties and "none of them", whose utilities a small
network computes. It is fitted offline on addresses that are in no benchmark: for the table alone, with a memory of
names, and with one that is large enough for a classifier. The probabilities are then calibrated (Platt 1999) for each
depth of the answer.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

from buqi.address.layout import LAYOUT
from buqi.address.network import UtilityNetwork

CHOOSER_FILE, NETWORKS_FILE = "chooser.json", "chooser.safetensors"
MODELS = ("large", "memory", "table")  # the one that takes longest to fit first
COMPETING = 64  # counties that the network is asked about
ANSWER_LEVELS = ("county", "city", "province")


@dataclass(frozen=True)
class CountyModel:
    """Fitted numbers for one state of the memory.

    Attributes:
        weights: of the terms of `LAYOUT`, in their order; they only say which counties compete.
        network: what each of these is worth.
        calibration: for each level and kind of proposals, slope and intercept on the log-odds.
        thresholds: for each kind of proposals, the confidence below which no answer is given.
        by_kind: weights and network of kinds of proposals that have their own.
        reads: which inputs of `LAYOUT` the networks read, in their order; all of them if not given.
    """

    weights: NDArray[np.float64]
    network: UtilityNetwork
    calibration: dict[str, tuple[float, float]]
    thresholds: dict[str, float]
    by_kind: Mapping[str, tuple[NDArray[np.float64], UtilityNetwork]] = field(default_factory=dict)
    reads: NDArray[np.int64] = field(default_factory=lambda: np.arange(len(LAYOUT.inputs)))

    def probabilities(self, features: NDArray[Any], kind: str) -> NDArray[np.float64]:
        """Return the probability of each county; what is missing to 1 is "none of them".

        Only the likeliest `COMPETING` compete, as they did when the numbers were fitted.

        Args:
            features: (counties, columns).
            kind: of the proposals.
        """
        weights, network = self.by_kind.get(kind, (self.weights, self.network))
        terms = LAYOUT.terms_of(features)
        first = terms @ weights
        kept = np.argpartition(-first, COMPETING)[:COMPETING] if len(first) > COMPETING else np.arange(len(first))
        inputs = LAYOUT.inputs_of(features[kept], terms[kept], kind).take(self.reads, axis=1)
        utility = network.utilities(inputs).astype(np.float64)
        outside = float(network.outside)
        top = max(float(utility.max()), outside)
        odds = np.exp(utility - top)
        found = np.zeros(len(features))
        found[kept] = odds / (odds.sum() + math.exp(outside - top))
        return found

    def confidence(self, level: str, probability: float, kind: str) -> float:
        """Return the calibrated probability that an answer down to ``level`` is right.

        Args:
            level: ``county``, ``city`` or ``province``.
            probability: of the answer, as the model has it.
            kind: of the proposals.
        """
        slope, intercept = self.calibration[f"{level} {kind}"]
        p = min(max(probability, 1e-6), 1 - 1e-6)
        return 1.0 / (1.0 + math.exp(-(slope * math.log(p / (1 - p)) + intercept)))


@dataclass(frozen=True)
class Chooser:
    """The models with and without a memory, and the confidence of plain readings.

    Attributes:
        table, memory, large: models without a memory, with its names, with its names and classifiers.
        certain: share of plain readings that are right, by kind.
    """

    table: CountyModel
    memory: CountyModel
    large: CountyModel
    certain: dict[str, float]


def model_of(
    record: dict[str, Any], networks: Mapping[str, UtilityNetwork], inputs: Sequence[str] = LAYOUT.inputs
) -> CountyModel:
    """Return a model from its JSON record and its networks: by the kind of proposals, ``""`` for all others.

    Terms and inputs that are newer than the numbers say nothing until these are fitted again.

    Args:
        record: as the file has it.
        networks: by the kind of proposals.
        inputs: names of the networks' inputs in their order.

    Raises:
        KeyError: the numbers are of terms or inputs that no evidence has, or a part of them is missing.
    """
    calibration = {level: (float(a), float(b)) for level, (a, b) in record["calibration"].items()}
    parts = {}
    for kind, weights in ({"": record["weights"]} | record.get("by_kind", {})).items():
        if unknown := weights.keys() - set(LAYOUT.terms):
            raise KeyError(f"terms: {', '.join(sorted(unknown))}")
        if networks[kind].scale.shape != (len(inputs),):
            raise KeyError(f"inputs: {networks[kind].scale.shape[0]} numbers for {len(inputs)}")
        parts[kind] = np.array([weights.get(name, 0.0) for name in LAYOUT.terms]), networks[kind]
    at = {name: number for number, name in enumerate(LAYOUT.inputs)}
    reads = np.array([at[name] for name in inputs])
    return CountyModel(*parts.pop(""), calibration, record["thresholds"], parts, reads)


def array_name(name: str, kind: str = "") -> str:
    """Return what the arrays of a model's network begin with: ``large``, ``large zone_first`` for that of one kind."""
    return f"{name} {kind}".strip()


@lru_cache(maxsize=1)
def load_chooser() -> Chooser:
    """Return the fitted numbers that ship with the package."""
    from safetensors.numpy import load

    data = resources.files("buqi.address").joinpath("data")
    record = json.loads(data.joinpath(CHOOSER_FILE).read_text(encoding="utf-8"))
    arrays = load(data.joinpath(NETWORKS_FILE).read_bytes())
    models = {}
    for name in MODELS:
        kinds = ("", *record[name].get("by_kind", {}))
        networks = {kind: UtilityNetwork.of(arrays, array_name(name, kind)) for kind in kinds}
        models[name] = model_of(record[name], networks, record["inputs"])
    return Chooser(models["table"], models["memory"], models["large"], record["certain"])
