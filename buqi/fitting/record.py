"""A model as it is written, and one with some of its numbers fitted anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from buqi.address.layout import LAYOUT
from buqi.address.model import CountyModel, array_name
from buqi.address.network import UtilityNetwork


def record_of(model: CountyModel) -> dict[str, Any]:
    """Return a model's JSON record; its networks are kept apart."""

    def named(weights: NDArray[np.float64]) -> dict[str, float]:
        return {name: round(float(w), 4) for name, w in zip(LAYOUT.terms, weights, strict=True)}

    record = {"weights": named(model.weights), "calibration": model.calibration, "thresholds": model.thresholds}
    by_kind = {kind: named(weights) for kind, (weights, _) in model.by_kind.items()}
    return record | ({"by_kind": by_kind} if by_kind else {})


def arrays_of(name: str, model: CountyModel) -> dict[str, NDArray[Any]]:
    """Return the arrays of a model's networks by their names in the file."""
    found = model.network.arrays(array_name(name, ""))
    for kind, (_, network) in model.by_kind.items():
        found |= network.arrays(array_name(name, kind))
    return found


def aligned(model: CountyModel) -> CountyModel:
    """Return ``model`` with networks that read all inputs of `LAYOUT`; those that it did not read weigh nothing."""
    width = len(LAYOUT.inputs)

    def spread(network: UtilityNetwork) -> UtilityNetwork:
        scale, linear = np.ones(width, np.float32), np.zeros(width, np.float32)
        hidden = np.zeros((width, network.hidden.shape[1]), np.float32)
        scale[model.reads], linear[model.reads], hidden[model.reads] = network.scale, network.linear, network.hidden
        return replace(network, scale=scale, linear=linear, hidden=hidden)

    by_kind = {kind: (weights, spread(network)) for kind, (weights, network) in model.by_kind.items()}
    return replace(model, network=spread(model.network), by_kind=by_kind, reads=np.arange(width))


def replaced(shipped: CountyModel, fresh: CountyModel, kinds: Sequence[str]) -> CountyModel:
    """Return ``shipped`` with the numbers of some kinds of proposals as they were fitted afresh."""
    ends, shipped = tuple(f" {kind}" for kind in kinds), aligned(shipped)
    return replace(
        shipped,
        calibration=shipped.calibration | {key: line for key, line in fresh.calibration.items() if key.endswith(ends)},
        thresholds=shipped.thresholds | {kind: fresh.thresholds[kind] for kind in kinds},
        by_kind=dict(shipped.by_kind) | dict.fromkeys(kinds, (fresh.weights, fresh.network)),
    )
