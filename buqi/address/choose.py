"""How likely each county is, from what speaks for it.

A conditional logit model (McFadden 1974) over all counties and "none of them". Its weights are fitted on addresses
that are in no benchmark (:mod:`buqi.address.fit`): for the table alone, with a memory of names, and with one that is
large enough for a classifier. The probabilities are then calibrated (Platt 1999) for each depth of the answer.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

from buqi.address.propose import FEATURES

FILE = "chooser.json"
KEPT = 64
CLEAR = 4.0  # likeness beyond this may count for more
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


@dataclass(frozen=True)
class Model:
    """Fitted numbers for one kind of evidence.

    Attributes:
        weights: of `terms`, in their order.
        outside: the utility of "none of them".
        calibration: for each level and kind of proposals, slope and intercept on the log-odds.
        thresholds: for each kind of proposals, the confidence below which no answer is given.
    """

    weights: NDArray[np.float64]
    outside: float
    calibration: dict[str, tuple[float, float]]
    thresholds: dict[str, float]

    def probabilities(self, features: NDArray[Any]) -> NDArray[np.float64]:
        """Return the probability of each county; what is missing to 1 is "none of them".

        Only the likeliest `KEPT` compete, as they did when the weights were fitted.
        """
        utility = terms(features)[1] @ self.weights
        if len(utility) > KEPT:
            utility[np.argpartition(-utility, KEPT)[KEPT:]] = -np.inf
        top = max(float(utility.max()), self.outside)
        odds = np.exp(utility - top)
        found: NDArray[np.float64] = odds / (odds.sum() + math.exp(self.outside - top))
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
        judge: weights of what was known and of a judging model's log-probabilities, without and with a memory.
    """

    table: Model
    memory: Model
    large: Model
    certain: dict[str, float]
    judge: dict[str, tuple[float, float]]


def model_of(record: dict[str, Any]) -> Model:
    """Return a model from its JSON record.

    Raises:
        KeyError: a term is missing: the record is of another version.
    """
    names = terms(np.zeros(len(FEATURES)))[0]
    calibration = {level: (float(a), float(b)) for level, (a, b) in record["calibration"].items()}
    weights = np.array([record["weights"][name] for name in names])
    return Model(weights, float(record["outside"]), calibration, record["thresholds"])


@lru_cache(maxsize=1)
def load_chooser() -> Chooser:
    """Return the fitted numbers that ship with the package."""
    text = resources.files("buqi.address").joinpath("data", FILE).read_text(encoding="utf-8")
    record = json.loads(text)
    judge = {name: (float(known), float(heard)) for name, (known, heard) in record["judge"].items()}
    return Chooser(
        model_of(record["table"]), model_of(record["memory"]), model_of(record["large"]), record["certain"], judge
    )
