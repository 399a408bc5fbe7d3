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
from buqi.constrained.search import CountySearch, Likely
from buqi.divisions.table import MUNICIPALITIES

CALIBRATION_FILE = "calibration.json"
LEAST_SHARE = 1e-4  # a share this near to 0 or 1 counts as so near


def terms(likely: Likely) -> tuple[float, float, float]:
    """Return what a confidence is made of: 1, the log-odds of the share, and the log-probability."""
    share = min(max(likely.share, LEAST_SHARE), 1.0 - LEAST_SHARE)
    return 1.0, math.log(share / (1.0 - share)), likely.weight


@dataclass(frozen=True)
class Calibration:
    """Numbers of one adapter.

    Attributes:
        identity: of the adapter's run; they hold for no other.
        threshold: confidence below which no answer is given.
        weights: of the `terms`, for ``county`` and ``city``.
    """

    identity: str
    threshold: float
    weights: Mapping[str, tuple[float, ...]]

    def confidence(self, level: str, likely: Likely) -> float:
        """Return the probability that a choice is right."""
        score = sum(weight * term for weight, term in zip(self.weights[level], terms(likely), strict=True))
        return 1.0 / (1.0 + math.exp(-score))


def answers(search: CountySearch, calibration: Calibration | None) -> list[tuple[str, Likely, float]]:
    """Return level, division and confidence of the answers that may be given, the deepest first.

    A county is no surer than what it lies in. A province with cities says too little, and is none.
    Without a calibration a confidence is the share.
    """

    def sure(level: str, likely: Likely) -> float:
        return likely.share if calibration is None else calibration.confidence(level, likely)

    county, around = search.likeliest()[0], {likely.code: likely for likely in search.cities()}
    city = max(around.values(), key=lambda likely: likely.share, default=None)
    own = around.get(search.tree.above[county.code])
    found = [("county", county, min(sure("county", county), 1.0 if own is None else sure("city", own)))]
    if city is not None and (len(city.code) == 4 or city.code in MUNICIPALITIES):
        found.append(("city", city, sure("city", city)))
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
