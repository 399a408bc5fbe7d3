"""The network that computes the utility of each proposal: a linear model and a layer of hidden units beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[Any]  # float32


@dataclass(frozen=True)
class UtilityNetwork:
    """Utilities of proposals; D inputs, H hidden units.

    Attributes:
        scale: (D,) what the inputs are divided by.
        linear: (D,) weights of the inputs themselves.
        hidden: (D, H) weights of the hidden units.
        bias: (H,) of the hidden units.
        out: (H,) weights of the hidden units' values.
        outside: () utility of the choice "none of the proposals".
    """

    scale: Array
    linear: Array
    hidden: Array
    bias: Array
    out: Array
    outside: Array

    def utilities(self, inputs: Array) -> Array:
        """Return the utility of each proposal from its (…, D) inputs."""
        x = inputs / self.scale
        found: Array = x @ self.linear + gelu(x @ self.hidden + self.bias) @ self.out
        return found

    def arrays(self, name: str) -> dict[str, Array]:
        """Return the arrays by their names in a file."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        # safetensors writes an array of another order as if it were in this one
        return {f"{name}.{key}": np.array(value, np.float32, order="C") for key, value in values.items()}

    @classmethod
    def of(cls, arrays: Mapping[str, Array], name: str) -> UtilityNetwork:
        """Return a network from its arrays, as `arrays` names them.

        Raises:
            KeyError: an array is missing.
        """
        return cls(*(arrays[f"{name}.{field.name}"] for field in fields(cls)))


def gelu(x: Array) -> Array:
    """Return the Gaussian error linear unit (Hendrycks & Gimpel 2016), by its approximation with tanh."""
    found: Array = x * x
    found *= 0.0356774081
    found += 0.7978845608
    found *= x
    np.tanh(found, out=found)
    found += 1.0
    found *= x
    found *= 0.5
    return found
