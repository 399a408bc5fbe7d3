"""How likely each county is, from what speaks for it.

A conditional logit model (McFadden 1974) over the likeliest counties and "none of them", whose utilities a small
network computes. It is fitted on addresses that are in no benchmark (:mod:`buqi.address.fit`): for the table alone,
with a memory of names, and with one that is large enough for a classifier. The probabilities are then calibrated
(Platt 1999) for each depth of the answer.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

from buqi.address.network import Network
from buqi.address.propose import FEATURES, KINDS

FILE, NETWORKS = "chooser.json", "chooser.safetensors"
KEPT = 64
CLEAR = 4.0  # likeness beyond this may count for more
ROUGHLY = 5.0  # brings what the memory says near 1
AT = {name: number for number, name in enumerate(FEATURES)}
LEVELS = ("county", "city", "province")
BESIDE = (
    "pieces",
    "names",
    "parts",
    "likeness",
    "mention",
    "mention_short",
    "stem",
)  # weigh otherwise where a name was read


def terms(features: NDArray[Any]) -> tuple[tuple[str, ...], NDArray[Any]]:
    """Return names and values of the model's terms: the features, and what they mean together.

    Args:
        features: (…, len(FEATURES)).
    """
    f = {name: features[..., i] for i, name in enumerate(FEATURES)}
    more = {
        "named²": f["named"] ** 2,
        **{
            f"{kind}×named": f[kind] * f["named"]
            for kind in ("mistyped", "kind", "short", "common", "former", "against")
        },
        **{f"any×{name}": f["any"] * f[name] for name in BESIDE},
        **{f"bare×{name}": f["bare"] * f[name] for name in ("pieces", "size", "names", "parts", "likeness")},
        **{f"{name}+": np.maximum(f[name], 0.0) for name in ("names", "parts", "pieces")},
        "likeness+": np.maximum(f["likeness"] - CLEAR, 0.0),
    }
    every = f | more
    return tuple(every), np.stack(list(every.values()), axis=-1)


def inputs(features: NDArray[Any], kind: str) -> NDArray[np.float32]:
    """Return what the network is given of each of the counties that compete: its terms, and those of the row.

    Args:
        features: (K, len(FEATURES)) of the counties that compete.
        kind: of the proposals.
    """
    most = features.max(axis=0)
    beside = [AT[name] for name in ("pieces", "names", "parts", "likeness")]
    known = [most[AT[name]] > 0 for name in ("road", "zone_road", "zone")]
    row = [*known, *(most[beside] / ROUGHLY), *(kind == other for other in KINDS)]
    parts = [
        terms(features)[1],
        features[:, beside] * known[0],  # where a list knows the road, other names like it say less
        features[:, beside] - most[beside],
        np.broadcast_to(np.array(row, dtype=np.float64), (len(features), len(row))),
    ]
    return np.concatenate(parts, axis=1).astype(np.float32)


@dataclass(frozen=True)
class Model:
    """Fitted numbers for one kind of evidence.

    Attributes:
        weights: of `terms`, in their order; they only say which counties compete.
        network: what each of these is worth, from its `inputs`.
        calibration: for each level and kind of proposals, slope and intercept on the log-odds.
        thresholds: for each kind of proposals, the confidence below which no answer is given.
        own: weights and network of kinds of proposals that were fitted after the others.
    """

    weights: NDArray[np.float64]
    network: Network
    calibration: dict[str, tuple[float, float]]
    thresholds: dict[str, float]
    own: Mapping[str, tuple[NDArray[np.float64], Network]] = field(default_factory=dict)

    def probabilities(self, features: NDArray[Any], kind: str) -> NDArray[np.float64]:
        """Return the probability of each county; what is missing to 1 is "none of them".

        Only the likeliest `KEPT` compete, as they did when the numbers were fitted.

        Args:
            features: (counties, len(FEATURES)).
            kind: of the proposals.
        """
        weights, network = self.own.get(kind, (self.weights, self.network))
        first = terms(features)[1] @ weights
        kept = np.argpartition(-first, KEPT)[:KEPT] if len(first) > KEPT else np.arange(len(first))
        utility = network.utilities(inputs(features[kept], kind)).astype(np.float64)
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

    table: Model
    memory: Model
    large: Model
    certain: dict[str, float]


def model_of(record: dict[str, Any], networks: Mapping[str, Network]) -> Model:
    """Return a model from its JSON record and its networks: by the kind of proposals, ``""`` for all others.

    Raises:
        KeyError: a term or network is missing, or a network has other inputs: they are of another version.
    """
    names = terms(np.zeros(len(FEATURES)))[0]
    width = inputs(np.zeros((1, len(FEATURES))), KINDS[0]).shape[1]
    calibration = {level: (float(a), float(b)) for level, (a, b) in record["calibration"].items()}
    records = {"": record["weights"]} | record.get("own", {})
    parts = {}
    for kind, weights in records.items():
        if networks[kind].scale.shape != (width,):
            raise KeyError("inputs")
        parts[kind] = np.array([weights[name] for name in names]), networks[kind]
    return Model(*parts.pop(""), calibration, record["thresholds"], parts)


def array_name(name: str, kind: str = "") -> str:
    """Return what the arrays of a model's network begin with: ``large``, ``large zone`` for its own of a kind."""
    return f"{name} {kind}".strip()


@lru_cache(maxsize=1)
def load_chooser() -> Chooser:
    """Return the fitted numbers that ship with the package."""
    from safetensors.numpy import load

    data = resources.files("buqi.address").joinpath("data")
    record = json.loads(data.joinpath(FILE).read_text(encoding="utf-8"))
    arrays = load(data.joinpath(NETWORKS).read_bytes())
    models = {}
    for name in ("table", "memory", "large"):
        kinds = ("", *record[name].get("own", {}))
        models[name] = model_of(record[name], {kind: Network.of(arrays, array_name(name, kind)) for kind in kinds})
    return Chooser(models["table"], models["memory"], models["large"], record["certain"])
