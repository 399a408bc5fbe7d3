"""How likely each county is, from what speaks for it.

A conditional logit model (McFadden 1974) over the likeliest counties and "none of them", whose utilities a small
network computes. It is fitted offline on addresses that are in no benchmark: for the table alone, with a memory of
names, and with one that is large enough for a classifier. The probabilities are then calibrated (Platt 1999) for each
depth of the answer.
"""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

from buqi.address.layout import LAYOUT
from buqi.address.network import UtilityNetwork
from buqi.address.proposals import Proposals
from buqi.address.sheet import Sheet
from buqi.places.memory import Memory

CHOOSER_FILE, NETWORKS_FILE = "chooser.json", "chooser.safetensors"
MODELS = ("large", "memory", "table")  # in the order in which they are fitted: the one that takes longest first
COMPETING = 64  # counties that the network is asked about
PARTS = 128  # of the counties, to find those that compete
ANSWER_LEVELS = ("county", "city", "province")
INSTITUTION = "institution"  # of a calibration: the line for texts that begin with an institution's name


@dataclass(frozen=True)
class CountyModel:
    """Fitted numbers for one state of the memory.

    Attributes:
        weights: of the terms of `LAYOUT`, in their order. Their weighted sum only says which counties compete.
        network: computes the utility of each county that competes.
        calibration: for each level and kind of proposals, slope and intercept on the log-odds. `INSTITUTION` may be
            among the names.
        thresholds: for each kind of proposals, the confidence below which no answer is given.
        by_kind: weights and network of kinds of proposals that have their own.
        reads: numbers of the inputs of `LAYOUT` that the networks read, in their order; all of them if not given.
    """

    weights: NDArray[np.float64]
    network: UtilityNetwork
    calibration: dict[str, tuple[float, float]]
    thresholds: dict[str, float]
    by_kind: Mapping[str, tuple[NDArray[np.float64], UtilityNetwork]] = field(default_factory=dict)
    reads: NDArray[np.int64] = field(default_factory=lambda: np.arange(len(LAYOUT.inputs)))

    def probabilities(self, features: NDArray[Any], kind: str) -> NDArray[np.float64]:
        """Return the probability of each county, (counties,); what is missing to 1 is "none of them".

        Only the likeliest `COMPETING` compete, as they did when the numbers were fitted.

        Args:
            features: (counties, columns).
            kind: of the proposals, one of `PROPOSAL_KINDS`.
        """
        weights, network = self.numbers_of(kind)
        (kept,) = likeliest((LAYOUT.terms_of(features) @ weights)[None])
        found = np.zeros(len(features))
        found[kept] = self._shares(features[None, kept], [kind], network)[0]
        return found

    def weighed(self, proposals: Sequence[Proposals]) -> NDArray[np.float64]:
        """Return what `probabilities` does, for several addresses at once: (addresses, counties)."""
        groups: dict[str, list[int]] = defaultdict(list)
        for number, one in enumerate(proposals):
            groups[one.kind if one.kind in self.by_kind else ""].append(number)
        found = np.zeros((len(proposals), proposals[0].counties if proposals else 0))
        for kind, numbers in groups.items():
            weights, network = self.numbers_of(kind)
            sheet = Sheet([proposals[number] for number in numbers])
            kept = likeliest(sheet.scores(weights))
            shares = self._shares(sheet.features(kept), [proposals[number].kind for number in numbers], network)
            found[np.array(numbers)[:, None], kept] = shares
        return found

    def numbers_of(self, kind: str) -> tuple[NDArray[np.float64], UtilityNetwork]:
        """Return the weights and the network for a kind of proposals."""
        return self.by_kind.get(kind, (self.weights, self.network))

    def _shares(self, features: NDArray[Any], kinds: Sequence[str], network: UtilityNetwork) -> NDArray[np.float64]:
        """Return the probabilities of the counties that compete, (addresses, counties).

        Args:
            features: (addresses, counties, columns) of these counties.
            kinds: of the addresses' proposals.
            network: computes the utilities.
        """
        inputs = LAYOUT.inputs_of(features, kinds)
        if not np.array_equal(self.reads, np.arange(inputs.shape[2])):
            inputs = inputs.take(self.reads, axis=2)
        utility = network.utilities(inputs).astype(np.float64)
        outside = float(network.outside)
        top = np.maximum(utility.max(axis=1, keepdims=True), outside)
        odds = np.exp(utility - top)
        shares: NDArray[np.float64] = odds / (odds.sum(axis=1, keepdims=True) + np.exp(outside - top))
        return shares

    def confidence(self, level: str, probability: float, kind: str) -> float:
        """Return the calibrated probability that an answer down to ``level`` is right.

        Args:
            level: ``county``, ``city`` or ``province``.
            probability: of the answer, as the model has it.
            kind: of the proposals.
        """
        return on_line(self.calibration[f"{level} {kind}"], probability)

    def of_institution(self, confidence: float) -> float:
        """Return a confidence as it is where the text begins with an institution's name.

        The models with a memory were fitted on no such rows. They were right less often there than `confidence` says.

        Args:
            confidence: of `confidence`. It is returned as it is if the model has no line for such texts.
        """
        line = self.calibration.get(INSTITUTION)
        return confidence if line is None else on_line(line, confidence)


def on_line(line: tuple[float, float], probability: float) -> float:
    """Return a probability whose log-odds are moved by a line's slope and intercept."""
    p = min(max(probability, 1e-6), 1 - 1e-6)
    return 1.0 / (1.0 + math.exp(-(line[0] * math.log(p / (1 - p)) + line[1])))


def likeliest(scores: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the numbers of the counties that compete for each address, in no order.

    Args:
        scores: (addresses, counties), the weighted sums of the terms.
    """
    count, counties = scores.shape
    if counties <= COMPETING:
        return np.tile(np.arange(counties), (count, 1))
    if counties < 2 * PARTS:
        return np.array([_highest(row) for row in scores])
    # `COMPETING` parts have a highest score of at least ``least``. Few counties have more, and only these are compared.
    highest = scores[:, : counties // PARTS * PARTS].reshape(count, -1, PARTS).max(axis=1)
    least = np.partition(highest, PARTS - COMPETING, axis=1)[:, PARTS - COMPETING]
    above = scores >= least[:, None]
    many = above.sum(axis=1) >= 2 * PARTS
    above[many] = False
    address, county = np.divmod(np.flatnonzero(above), counties)
    values = scores[address, county]
    least = _last_competing(values, np.bincount(address, minlength=count))
    kept = values >= least[address]
    clear = np.bincount(address[kept], minlength=count) == COMPETING  # no other is as high as the last that competes
    found = np.empty((count, COMPETING), dtype=np.int64)
    found[clear] = county[kept & clear[address]].reshape(-1, COMPETING)
    for number in np.flatnonzero(~clear):
        found[number] = _highest(scores[number])
    return found


def _last_competing(values: NDArray[np.float64], lengths: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the value that is the `COMPETING`-th highest of each of several rows, which stand one behind the other."""
    rows = np.full((len(lengths), max(int(lengths.max()), COMPETING)), -np.inf)
    rows[np.arange(rows.shape[1]) < lengths[:, None]] = values
    return np.partition(rows, -COMPETING, axis=1)[:, -COMPETING]


def _highest(scores: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the numbers of the `COMPETING` highest scores, in no order."""
    return np.argpartition(-scores, COMPETING)[:COMPETING]


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

    def model_for(self, memory: Memory) -> CountyModel:
        """Return the model that was fitted with such a memory."""
        if memory.classifiers:
            return self.large
        return self.memory if memory else self.table


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
    """Return what the names of a network's arrays begin with: ``large``, or ``large zone_first`` for one kind."""
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
