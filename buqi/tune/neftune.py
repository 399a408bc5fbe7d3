"""NEFTune: noise on the embeddings of a training step."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch

from buqi.engine.packs import Pack
from buqi.task import Encoded


class EmbeddingNoise:
    """NEFTune (Jain et al. 2023): uniform noise on the embeddings of a training step.

    Its size is alpha/√(L·d), where L is the length of the token's row, not of the pack. The shared prefix has one noise
    for all rows of a pack, of the size for their mean length.
    """

    def __init__(self, model: Any, alpha: float) -> None:
        embeddings = model.get_input_embeddings()
        self.alpha, self.width = alpha, embeddings.embedding_dim
        self.size: torch.Tensor | None = None
        embeddings.register_forward_hook(self._add)

    def _add(self, module: Any, inputs: Any, output: torch.Tensor) -> torch.Tensor:
        if self.size is None:
            return output
        return output + torch.empty_like(output).uniform_(-1, 1) * self.size.to(output)

    @contextmanager
    def over(self, pack: Pack, rows: Sequence[Encoded]) -> Iterator[None]:
        """Add noise to the embeddings of one pack."""
        lengths = [len(row.ids) for row in rows]
        sizes = [sum(lengths) / len(lengths)] * pack.prefix
        for length in lengths:
            sizes += [float(length)] * (length - 1 - pack.prefix)
        self.size = self.alpha / torch.sqrt(torch.tensor(sizes) * self.width)[None, :, None]
        try:
            yield
        finally:
            self.size = None
