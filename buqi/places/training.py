"""Train a `Classifier` on a source's addresses."""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from buqi.divisions.piece_numbers import ranges
from buqi.places.classifier import KNOWN, Classifier, pieces_of, plain_text

WIDTH = 64
PASSES = 14
BATCH = 512
RATE = 0.007
BETAS, EPSILON = (0.9, 0.999), 1e-8  # of Adam (Kingma and Ba 2015)
DROPPED = 0.5  # share of an address's pieces that each pass leaves out: no address is known by one piece alone
SHARED = 2  # different addresses that must have a piece for it to be kept
LEARNT_FROM = 400_000  # addresses at most
DIGITS = (6, 4, 2)  # of the code of a county, a city and a province
Batch = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]  # pieces, how many each row has, counties


def train(
    texts: Sequence[str], owners: Sequence[str], progress: Callable[[int, int], None] = lambda _, __: None
) -> Classifier:
    """Return the classifier that addresses teach.

    Args:
        texts: rests of addresses, behind the names of divisions.
        owners: the code of each one's county.
        progress: called after each pass with the passes done and all passes.
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
    """Texts as numbers of their pieces. Pieces that few texts share are left out.

    Args:
        texts: of `plain_text`.
        gold: (texts,) the number of each one's county.
    """

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

    def batch(self, rows: NDArray[np.int64], chance: np.random.Generator) -> Batch:
        """Return the pieces of ``rows`` less those left out by chance, how many each row has, and their counties."""
        lengths = self.lengths[rows]
        at = ranges(self.starts[rows], lengths)
        kept = chance.random(len(at)) >= DROPPED
        left = np.bincount(np.repeat(np.arange(len(rows)), lengths)[kept], minlength=len(rows))
        return self.pieces[at[kept]], left, self.gold[rows]


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


class PieceVectors:
    """The vectors of the pieces while they are trained. A step reads and writes only those of its batch.

    It does what torch's SparseAdam does, in half the time: vectors are copied between arrays that are made once.

    Args:
        values: (pieces, `WIDTH`) float32; changed in place.
    """

    def __init__(self, values: NDArray[np.float32]) -> None:
        self.kept = (values, np.zeros_like(values), np.zeros_like(values))  # vectors, means, means of squares
        self.steps, self.numbers = 0, np.zeros(0, dtype=np.int64)
        self.scratch, self._logits = torch.zeros(0), torch.zeros(0)

    def take(self, numbers: NDArray[np.int64]) -> torch.Tensor:
        """Return the vectors of some pieces, (numbers, `WIDTH`). They and their moments are those that `step` moves."""
        self.numbers, count = numbers, len(numbers)
        if len(self.scratch) == 0 or count > self.scratch.shape[1]:
            self.scratch = torch.zeros(5, 2 * count, self.kept[0].shape[1])
        for row, kept in zip(self.scratch, self.kept, strict=False):
            np.take(kept, numbers, axis=0, out=row[:count].numpy(), mode="clip")
        return self.scratch[0, :count]

    def logits(self, rows: int, counties: int) -> torch.Tensor:
        """Return an array for the logits of a batch, (rows, counties). Its values are of earlier batches."""
        if len(self._logits) < rows:
            self._logits = torch.zeros(rows, counties)
        return self._logits[:rows]

    def step(self, rows: torch.Tensor, places: torch.Tensor, rate: float) -> None:
        """Move the vectors of this batch against their gradient.

        Args:
            rows: (pieces of the batch, `WIDTH`) gradients.
            places: for each of these rows, which vector of the batch it belongs to; a vector's rows are summed.
            rate: the learning rate.
        """
        values, mean, square, gradient, root = self.scratch[:, : len(self.numbers)]
        gradient.zero_().index_add_(0, places, rows)
        self.steps += 1
        mean.lerp_(gradient, 1 - BETAS[0])
        square.mul_(BETAS[1]).addcmul_(gradient, gradient, value=1 - BETAS[1])
        torch.sqrt(square, out=root).add_(EPSILON)
        first, second = (1 - beta**self.steps for beta in BETAS)
        values.addcdiv_(mean, root, value=-rate * math.sqrt(second) / first)
        for kept, new in zip(self.kept, (values, mean, square), strict=True):
            kept[self.numbers] = new.numpy()


def fit(network: PieceNetwork, examples: Examples, progress: Callable[[int, int], None]) -> None:
    """Minimise the cross-entropy over `PASSES` of the examples, the rate falling to nothing."""
    pieces = PieceVectors(network.pieces.weight.detach().numpy())
    outputs = torch.optim.Adam(network.outputs.parameters(), lr=RATE, betas=BETAS, eps=EPSILON, fused=True)
    chance, count, done = np.random.default_rng(0), len(examples.gold), 0
    steps = PASSES * -(-count // BATCH)
    for number in range(PASSES):
        order = chance.permutation(count)
        for start in range(0, count, BATCH):
            rate = RATE * (1 - done / steps)
            outputs.param_groups[0]["lr"] = rate
            learn_batch(network, pieces, outputs, examples.batch(order[start : start + BATCH], chance), rate)
            done += 1
        progress(number + 1, PASSES)


@torch.no_grad()
def learn_batch(
    network: PieceNetwork, pieces: PieceVectors, outputs: torch.optim.Adam, batch: Batch, rate: float
) -> None:
    """Take one step. The gradients of the mean cross-entropy of a batch are written out."""
    numbers, lengths, gold = batch
    different, places = np.unique(numbers, return_inverse=True)
    place, owner = torch.from_numpy(places), torch.from_numpy(np.repeat(np.arange(len(gold)), lengths))
    starts = torch.from_numpy(np.cumsum(lengths) - lengths)
    means = torch.nn.functional.embedding_bag(place, pieces.take(different), starts, mode="mean")
    weight, bias = network.weight(), network.bias()
    errors = torch.mm(means, weight.T, out=pieces.logits(len(gold), len(weight))).add_(bias)
    errors.sub_(errors.amax(1, keepdim=True)).exp_()  # in place: an array of this size costs more to make than to fill
    errors.div_(errors.sum(1, keepdim=True).mul_(len(gold)))
    errors[torch.arange(len(gold)), torch.from_numpy(gold)] -= 1 / len(gold)
    for parameter in network.outputs.parameters():
        parameter.grad = torch.zeros_like(parameter) if parameter.grad is None else parameter.grad.zero_()
    of_weight, of_bias = errors.T @ means, errors.sum(0)
    for parameter, of_counties in zip(network.outputs.parameters(), (of_weight, of_bias), strict=True):
        for areas in network.areas:  # a county's output is shared with its city and province
            parameter.grad.index_add_(0, areas, of_counties)  # type: ignore[union-attr]
    of_means = (errors @ weight) / torch.from_numpy(np.maximum(lengths, 1))[:, None]
    pieces.step(of_means.index_select(0, owner), place, rate)
    outputs.step()
