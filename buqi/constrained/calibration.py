"""How sure a model's choice is; the numbers are fitted by ``python -m buqi.fitting.choices``."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from pathlib import Path

from buqi.artefact import read_run
from buqi.constrained.search import CountySearch, ScoredDivision
from buqi.divisions.table import MUNICIPALITIES

CALIBRATION_FILE = "calibration.json"
LEAST_POSTERIOR = 1e-4  # a posterior nearer to 0 or 1 counts as this near


def terms(choice: ScoredDivision) -> tuple[float, float, float]:
    """Return what a confidence is made of: 1, the log-odds of the posterior, and the log-probability."""
    posterior = min(max(choice.posterior, LEAST_POSTERIOR), 1.0 - LEAST_POSTERIOR)
    return 1.0, math.log(posterior / (1.0 - posterior)), choice.logprob


@dataclass(frozen=True)
class Calibration:
    """A logistic regression for each level, fitted on the choices of one adapter.

    Attributes:
        identity: of the adapter's run; the numbers hold for no other adapter.
        threshold: confidence below which no answer is given.
        weights: of the `terms`, for ``county`` and ``city``.
    """

    identity: str
    threshold: float
    weights: Mapping[str, tuple[float, ...]]

    def confidence(self, level: str, choice: ScoredDivision) -> float:
        """Return the probability that a choice is right."""
        score = sum(weight * term for weight, term in zip(self.weights[level], terms(choice), strict=True))
        return 1.0 / (1.0 + math.exp(-score))


def answers(search: CountySearch, calibration: Calibration | None) -> list[tuple[str, ScoredDivision, float]]:
    """Return level, division and confidence of the answers that may be given, the deepest first.

    A county's confidence is never above that of its city. A province that has cities is no answer: it says too little.
    Without a calibration the confidence is the posterior.
    """

    def confidence(level: str, choice: ScoredDivision) -> float:
        return choice.posterior if calibration is None else calibration.confidence(level, choice)

    county, cities = search.counties()[0], {city.code: city for city in search.cities()}
    sure = confidence("county", county)
    if (own := cities.get(search.tree.above[county.code])) is not None:
        sure = min(sure, confidence("city", own))
    found = [("county", county, sure)]
    city = next(iter(cities.values()), None)
    if city is not None and (len(city.code) == 4 or city.code in MUNICIPALITIES):
        found.append(("city", city, confidence("city", city)))
    return found


@lru_cache(maxsize=1)
def load_calibration() -> Calibration:
    """Return the numbers of the adapter that ships."""
    record = json.loads(resources.files("buqi.constrained").joinpath("data", CALIBRATION_FILE).read_text("utf-8"))
    weights = {level: tuple(numbers) for level, numbers in record["weights"].items()}
    return Calibration(record["identity"], record["threshold"], weights)


def calibration_of(folder: Path) -> Calibration | None:
    """Return the numbers that hold for an adapter or merged model; ``None`` if it is not the adapter that ships."""
    known, run = load_calibration(), read_run(folder)
    return known if known.identity in (run.get("identity"), (run.get("merged_from") or {}).get("identity")) else None
