"""The terms and the network's inputs that the model makes of the features, in their order.

All of it follows from what the columns of the evidence declare (:class:`buqi.address.evidence.Column`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from buqi.address.evidence import COLUMNS, Column
from buqi.address.proposal_kinds import PROPOSAL_KINDS

HIGHEST_SCALE = 5.0  # brings the highest value of a compared column near 1


class Layout:
    """Terms and inputs of the model.

    Args:
        columns: of all kinds of evidence, in the order of the features.
        kinds: the kinds of proposals.

    Attributes:
        terms: names of the terms: the columns, their products, and what columns have above a least value.
        inputs: names of the network's inputs. The terms come first, then columns that count only where another is
            present, then compared columns less the highest of all counties. All others are the same for all counties.
        products: for each product, the numbers of its first and of its second column: two arrays.
        above: numbers of the columns that are also counted above a least value, and these values: two arrays.
    """

    def __init__(self, columns: Sequence[Column], kinds: Sequence[str]) -> None:
        at = {column.name: number for number, column in enumerate(columns)}
        times = [(c.name, other) for c in columns for other in c.times]
        above = [(c.name, c.above) for c in columns if c.above is not None]
        compared = [c.name for c in columns if c.compared]
        where = [(c.name, other) for c in columns for other in c.where]
        present = [c.name for c in columns if c.tells_presence]
        self.kinds = tuple(kinds)
        self.terms = (*at, *(f"{a}×{b}" for a, b in times), *(f"{name}+" for name, _ in above))
        self.inputs = (
            *self.terms,
            *(f"{a} where {b}" for a, b in where),
            *(f"{name} beside the highest" for name in compared),
            *(f"{name} is present" for name in present),
            *(f"highest {name}" for name in compared),
            *(f"kind {kind}" for kind in kinds),
        )
        self.products = _numbers(at, (a for a, _ in times)), _numbers(at, (b for _, b in times))
        self.above = _numbers(at, (name for name, _ in above)), np.array([least for _, least in above])
        self._where = _numbers(at, (a for a, _ in where)), _numbers(at, (b for _, b in where))
        self._compared, self._present = _numbers(at, compared), _numbers(at, present)
        self._is_kind = dict(zip(kinds, np.eye(len(kinds), dtype=np.bool_), strict=True))

    def terms_of(self, features: NDArray[Any]) -> NDArray[Any]:
        """Return the values of the terms, (…, len(terms)).

        Args:
            features: (…, columns).
        """
        (one, other), (raised, least) = self.products, self.above
        more = [
            features.take(one, axis=-1) * features.take(other, axis=-1),
            np.maximum(features.take(raised, axis=-1) - least, 0.0),
        ]
        return np.concatenate([features, *more], axis=-1)

    def inputs_of(self, features: NDArray[Any], kinds: Sequence[str]) -> NDArray[np.float32]:
        """Return the inputs of the network for the counties that compete, (addresses, counties, len(inputs)).

        Args:
            features: (addresses, counties, columns) of the counties that compete for each address.
            kinds: of the addresses' proposals.
        """
        highest = features.max(axis=1, keepdims=True)
        (one, other), (raised, least), (part, where) = self.products, self.above, self._where
        parts = (  # in the order of `inputs`
            features,
            features.take(one, axis=2) * features.take(other, axis=2),
            np.maximum(features.take(raised, axis=2) - least, 0.0),
            features.take(part, axis=2) * (highest.take(where, axis=2) > 0),
            features.take(self._compared, axis=2) - highest.take(self._compared, axis=2),
            highest.take(self._present, axis=2) > 0,  # what follows is the same for all counties of a row
            highest.take(self._compared, axis=2) / HIGHEST_SCALE,
            np.array([self._is_kind[kind] for kind in kinds])[:, None],
        )
        found = np.empty((*features.shape[:2], len(self.inputs)), dtype=np.float32)
        end = 0
        for values in parts:
            start, end = end, end + values.shape[2]
            found[..., start:end] = values
        return found


def _numbers(at: Mapping[str, int], names: Iterable[str]) -> NDArray[np.int64]:
    """Return the numbers of columns, given their names."""
    return np.array([at[name] for name in names], dtype=np.int64)


LAYOUT = Layout(COLUMNS, PROPOSAL_KINDS)
