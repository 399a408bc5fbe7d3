"""In which county a text like this one has been seen: a linear classifier over pieces of text.

A memory's names say where 文一西路 lies. The classifier also weighs words that are no names, and pieces of names that
were never seen whole. It is the bag of character pieces of fastText (Joulin et al., EACL 2017), with an output that a
county shares with its city and province. Only pieces that several addresses share are kept, as numbers, not as text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from buqi.divisions.piece_numbers import code_points, piece_keys, positions
from buqi.divisions.text import read
from buqi.errors import BuqiError
from buqi.gazetteer.place_names import PERSON
from buqi.indexes import UNREADABLE, mapped

BROKEN = "forget this source or learn it again"  # what to do about a broken file of a source
LENGTHS = (1, 2, 3, 4)  # characters of a piece
CHARACTERS_READ = 28  # of an address
NUMBER = re.compile(r"[0-9A-Za-z]+")
KNOWN = 10  # addresses that a county needs to be told from others
FRONT = "^"  # so that a piece at the front is told from one further back


def plain_text(text: str) -> str:
    """Return what the classifier reads of the rest of an address: each number is 0, and no person is left."""
    return FRONT + NUMBER.sub("0", PERSON.sub("", read(text).plain.replace("\n", "")))[:CHARACTERS_READ]


def pieces_of(texts: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return every piece of ``texts`` as a number, and the number of the text that has it; both (pieces,), in no order.

    Args:
        texts: of `plain_text`.
    """
    points = code_points("".join(f"{text}\n" for text in texts))
    owner = np.cumsum(points == 10) - (points == 10)
    keys, owners = [], []
    for length in LENGTHS:
        key, inside = piece_keys(points, length)
        keys.append(key[inside])
        owners.append(owner[: len(key)][inside])
    return np.concatenate(keys), np.concatenate(owners)


@dataclass(frozen=True)
class Classifier:
    """What one source taught.

    Attributes:
        keys: (pieces,) numbers of the pieces, ascending.
        vectors: (pieces, width) int8, the pieces' vectors divided by ``scales``.
        scales: (pieces,) float16.
        outputs: (counties, width) float32; float16 on disk.
        bias: (counties,) float32.
        shares: (counties,) float32, each county's share of the addresses. `evidence` takes it out: a county is not
            likelier only because the source has more addresses of it.
        counties: their codes.
        addresses: how many taught it.
    """

    keys: NDArray[np.int64]
    vectors: NDArray[np.int8]
    scales: NDArray[np.float16]
    outputs: NDArray[np.float32]
    bias: NDArray[np.float32]
    shares: NDArray[np.float32]
    counties: tuple[str, ...]
    addresses: int

    def evidence(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return, for each text and each of `counties`, the log of how much likelier it is than without the text."""
        keys, owner = pieces_of([plain_text(text) for text in texts])
        at, known = positions(self.keys, keys)
        order = np.argsort(owner[known], kind="stable")
        at, owner = at[known][order], owner[known][order]
        if not len(at):
            return np.zeros((len(texts), len(self.counties)), dtype=np.float32)
        some, starts, pieces = np.unique(owner, return_index=True, return_counts=True)
        sums = np.add.reduceat(self.vectors[at] * self.scales[at, None].astype(np.float32), starts, axis=0)
        logits: NDArray[Any] = (sums / pieces[:, None].astype(np.float32)) @ self.outputs.T + self.bias
        logits -= logits.max(axis=1, keepdims=True)
        logits -= np.log(np.exp(logits).sum(axis=1, keepdims=True))
        logits -= np.log(self.shares)
        if len(some) == len(texts):
            return logits
        found = np.zeros((len(texts), len(self.counties)), dtype=np.float32)
        found[some] = logits
        return found

    def save(self, path: Path) -> None:
        """Write ``path`` (safetensors)."""
        from safetensors.numpy import save_file

        arrays = {name: np.ascontiguousarray(getattr(self, name)) for name in ARRAYS}
        arrays["outputs"] = arrays["outputs"].astype(np.float16)
        save_file(arrays, path, metadata={"counties": " ".join(self.counties), "addresses": str(self.addresses)})


class Likeness:
    """The classifiers of a memory together. Each counts as much as it has addresses.

    Args:
        classifiers: at least one.
        number: numbers of the counties by code.
    """

    def __init__(self, classifiers: Sequence[Classifier], number: Mapping[str, int]) -> None:
        self.classifiers, self.size = classifiers, len(number)
        self.at = []  # for each county its place among a classifier's counties, or behind the last if it is not there
        for c in classifiers:
            place = {code: at for at, code in enumerate(c.counties)}
            self.at.append(np.array([place.get(code, len(c.counties)) for code in number]))
        addresses = np.array([c.addresses for c in classifiers], dtype=np.float64)
        self.weights = np.log(addresses / addresses.sum())

    def weigh(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return, for each text and county, the log of how much likelier it is than without the text."""
        found = np.empty((len(self.classifiers), len(texts), self.size))
        nothing = np.zeros((len(texts), 1), dtype=np.float32)  # for or against counties not known
        for rows, classifier, at in zip(found, self.classifiers, self.at, strict=True):
            rows[:] = np.hstack([classifier.evidence(texts), nothing]).take(at, axis=1)
        together: NDArray[np.float64] = found[0]
        if len(found) > 1:
            together = np.logaddexp.reduce(found + self.weights[:, None, None], axis=0)
        return together


ARRAYS = ("keys", "vectors", "scales", "outputs", "bias", "shares")


def load_classifier(path: Path) -> Classifier:
    """Return the classifier of a file. Its vectors stay on disk until they are asked for.

    Raises:
        BuqiError: the file is broken.
    """
    try:
        found, about = mapped(path)
        arrays: dict[str, Any] = {name: found[name] for name in ARRAYS}
        arrays["outputs"] = arrays["outputs"].astype(np.float32)
        return Classifier(**arrays, counties=tuple(about["counties"].split()), addresses=int(about["addresses"]))
    except UNREADABLE as error:
        raise BuqiError(f"{path}: broken ({error}); {BROKEN}") from error
