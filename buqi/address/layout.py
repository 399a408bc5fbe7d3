"""What the model reads of the features: their order, terms made of them, and the network's inputs.

All of it follows from what the columns of the evidence declare (:class:`buqi.address.evidence.Column`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from buqi.address.evidence import COLUMNS, Column
from buqi.address.proposal_kinds import PROPOSAL_KINDS

ROUGHLY = 5.0  # brings the highest of a compared column near 1


class Layout:
    """Terms and inputs of the model.

    Args:
        columns: of all kinds of evidence, in the order of the features.
        kinds: the kinds of proposals.

    Attributes:
        terms: names of the terms: each column, its products, what it has above its least.
        inputs: names of the network's inputs: the terms, each compared column beside the row's highest and where
            another is present, then what is the same for all counties of a row.
        products: numbers of the columns that are multiplied, the first and the second ones.
        above: numbers of the columns that are also counted above a least value, and these values.
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
        self.products = [at[a] for a, _ in times], [at[b] for _, b in times]
        self.above = [at[name] for name, _ in above], np.array([least for _, least in above], dtype=np.float64)
        self._where = [at[a] for a, _ in where], [at[b] for _, b in where]
        self._compared, self._present = [at[name] for name in compared], [at[name] for name in present]

    def terms_of(self, features: NDArray[Any]) -> NDArray[Any]:
        """Return the values of the terms, (…, len(terms)).

        Args:
            features: (…, columns).
        """
        (one, other), (raised, least) = self.products, self.above
        more = [features[..., one] * features[..., other], np.maximum(features[..., raised] - least, 0.0)]
        return np.concatenate([features, *more], axis=-1)

    def inputs_of(self, features: NDArray[Any], terms: NDArray[Any], kinds: Sequence[str]) -> NDArray[np.float32]:
        """Return what the network is given of each of the counties that compete, (addresses, counties, len(inputs)).

        Args:
            features: (addresses, counties, columns) of the counties that compete for each address.
            terms: (addresses, counties, len(terms)) of the same counties, from `terms_of`.
            kinds: of the addresses' proposals.
        """
        highest = features.max(axis=1, keepdims=True)
        (one, other), compared = self._where, self._compared
        is_kind = [[[kind == known for known in self.kinds]] for kind in kinds]
        row = np.concatenate([highest[..., self._present] > 0, highest[..., compared] / ROUGHLY, is_kind], axis=2)
        parts = [
            terms,
            features[..., one] * (highest[..., other] > 0),
            features[..., compared] - highest[..., compared],
            np.broadcast_to(row, (*features.shape[:2], row.shape[2])),
        ]
        return np.concatenate(parts, axis=2, dtype=np.float32, casting="same_kind")


LAYOUT = Layout(COLUMNS, PROPOSAL_KINDS)
