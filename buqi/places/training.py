"""Train a `Classifier` on a source's addresses."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from buqi.places.classifier import KNOWN, Classifier, pieces_of, plain_text

WIDTH = 64
PASSES = 14
BATCH = 512
RATE = 0.007
DROPPED = 0.5  # share of an address's pieces left out at each pass, so that it is not known by one of them
SHARED = 2  # different addresses that must have a piece for it to be kept
LEARNT_FROM = 400_000  # addresses at most
DIGITS = (6, 4, 2)  # of the code of a county, a city and a province


def train(
    texts: Sequence[str], owners: Sequence[str], progress: Callable[[int, int], None] = lambda _, __: None
) -> Classifier:
    """Return what the rests of addresses teach, and the codes of their counties (``owners``).

    ``progress`` is called after each pass with passes done and in all.
    """
    seen = sorted({(plain_text(text), owner) for text, owner in zip(texts, owners, strict=True)})
    random.Random(0).shuffle(seen)
    seen = seen[:LEARNT_FROM]
    counts = Counter(owner for _, owner in seen)
    counties = sorted(owner for owner, count in counts.items() if count >= KNOWN)
    seen = [(text, owner) for text, owner in seen if counts[owner] >= KNOWN]
    number = {code: i for i, code in enumerate(counties)}
    gold = np.array([number[owner] for _, owner in seen])
    examples = Examples([text for text, _ in seen], gold)
    with torch.random.fork_rng(devices=()):
        torch.manual_seed(0)
        network = PieceNetwork(len(examples.keys), counties)
    fit(network, examples, progress)
    vectors = network.pieces.weight.detach().numpy()
    scales = np.maximum(np.abs(vectors).max(1) / 127, 1e-6).astype(np.float16)
    return Classifier(
        keys=examples.keys,
        vectors=np.clip(np.rint(vectors / scales[:, None].astype(np.float32)), -127, 127).astype(np.int8),
        scales=scales,
        outputs=network.weight().detach().numpy().astype(np.float16).astype(np.float32),
        bias=network.bias().detach().numpy(),
        shares=(np.bincount(gold, minlength=len(counties)) / len(gold)).astype(np.float32),
        counties=tuple(counties),
        addresses=len(seen),
    )


class Examples:
    """Texts (of `plain_text`) as numbers of their pieces, less those that few share; ``gold``: their counties."""

    def __init__(self, texts: Sequence[str], gold: NDArray[np.int64]) -> None:
        keys, owners = pieces_of(texts)
        order = np.lexsort((owners, keys))
        keys, owners = keys[order], owners[order]
        first = np.ones(len(keys), dtype=bool)
        first[1:] = (keys[1:] != keys[:-1]) | (owners[1:] != owners[:-1])
        found, counts = np.unique(keys[first], return_counts=True)
        self.keys = found[counts >= SHARED]
        at = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        kept = self.keys[at] == keys
        order = np.argsort(owners[kept], kind="stable")
        self.pieces = at[kept][order]
        self.lengths = np.bincount(owners[kept], minlength=len(texts))
        self.starts = np.cumsum(self.lengths) - self.lengths
        self.gold = gold

    def batch(self, rows: NDArray[np.int64], chance: np.random.Generator) -> tuple[torch.Tensor, ...]:
        """Return pieces, where each row's begin among them, and counties of ``rows``; some pieces left out."""
        lengths = self.lengths[rows]
        begins = np.cumsum(lengths) - lengths
        at = np.arange(lengths.sum()) + np.repeat(self.starts[rows] - begins, lengths)
        kept = chance.random(len(at)) >= DROPPED
        left = np.bincount(np.repeat(np.arange(len(rows)), lengths)[kept], minlength=len(rows))
        arrays = self.pieces[at[kept]], np.cumsum(left) - left, self.gold[rows]
        return tuple(torch.from_numpy(array) for array in arrays)


class PieceNetwork(torch.nn.Module):
    """A vector for each piece; for each county the sum of its own output, its city's and its province's."""

    def __init__(self, pieces: int, counties: Sequence[str]) -> None:
        super().__init__()
        self.pieces = torch.nn.EmbeddingBag(pieces, WIDTH, mode="mean", sparse=True)
        torch.nn.init.normal_(self.pieces.weight, std=0.05)
        areas = sorted({code[:digits] for code in counties for digits in DIGITS})
        number = {code: i for i, code in enumerate(areas)}
        self.areas = torch.tensor([[number[code[:digits]] for code in counties] for digits in DIGITS])
        self.outputs = torch.nn.Linear(WIDTH, len(areas))
        torch.nn.init.normal_(self.outputs.weight, std=0.02)

    def weight(self) -> torch.Tensor:
        """Return the outputs, (counties, `WIDTH`)."""
        return self.outputs.weight[self.areas].sum(0)

    def bias(self) -> torch.Tensor:
        """Return their biases, (counties,)."""
        return self.outputs.bias[self.areas].sum(0)

    def forward(self, pieces: torch.Tensor, starts: torch.Tensor) -> torch.Tensor:
        """Return logits, (rows, counties)."""
        return torch.nn.functional.linear(self.pieces(pieces, starts), self.weight(), self.bias())


def fit(network: PieceNetwork, examples: Examples, progress: Callable[[int, int], None]) -> None:
    """Minimise the cross-entropy over `PASSES` of the examples, the rate falling to nothing."""
    optimizers = [
        torch.optim.SparseAdam(network.pieces.parameters(), lr=RATE),
        torch.optim.Adam(network.outputs.parameters(), lr=RATE),
    ]
    chance, count, done = np.random.default_rng(0), len(examples.gold), 0
    steps = PASSES * -(-count // BATCH)
    for number in range(PASSES):
        order = chance.permutation(count)
        for start in range(0, count, BATCH):
            pieces, starts, gold = examples.batch(order[start : start + BATCH], chance)
            network.zero_grad()
            loss = torch.nn.functional.cross_entropy(network(pieces, starts), gold)
            loss.backward()  # type: ignore[no-untyped-call, unused-ignore]
            for optimizer in optimizers:
                optimizer.param_groups[0]["lr"] = RATE * (1 - done / steps)
                optimizer.step()
            done += 1
        progress(number + 1, PASSES)
