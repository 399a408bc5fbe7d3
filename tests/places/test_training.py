"""What is learnt from addresses: pieces that several of them share, counties that are known well enough."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch

from buqi.places import training
from buqi.places.classifier import pieces_of, plain_text
from buqi.places.training import Examples, PieceNetwork, PieceVectors, learn_batch, train
from tests.places.examples import ADDRESSES, HANGZHOU, NANJING

pytestmark = pytest.mark.usefixtures("quick")


def test_a_piece_that_one_address_has_is_not_kept():
    texts = ["中央路1号", "中央路2号院", "中央路3号王小明家"]
    found = train(texts, [NANJING] * 3)
    keys = set(found.keys.tolist())
    assert set(pieces_of(["中央路"])[0].tolist()) <= keys
    assert not set(pieces_of(["王小明"])[0].tolist()) & keys


def test_the_same_address_twice_counts_once():
    found = train(["中央路1号王小明"] * 5 + ["中央路1号"], [NANJING] * 6)
    assert not set(pieces_of(["王小明"])[0].tolist()) & set(found.keys.tolist())


def test_a_county_with_few_addresses_is_not_told_from_others(monkeypatch):
    monkeypatch.setattr(training, "KNOWN", 3)
    found = train(
        [*(text for text, _ in ADDRESSES), "平江路1号", "平江路2号"], [*(c for _, c in ADDRESSES), *["320508"] * 2]
    )
    assert found.counties == (NANJING, HANGZHOU)
    assert found.shares.sum() == pytest.approx(1.0)
    assert found.addresses == len({plain_text(text) for text, _ in ADDRESSES})


def test_the_same_addresses_teach_the_same():
    texts, owners = zip(*ADDRESSES, strict=True)
    one, other = train(texts, owners), train(texts, owners)
    assert (one.vectors == other.vectors).all() and (one.outputs == other.outputs).all()


def test_a_step_is_that_of_torchs_optimizers():
    plain = [plain_text(text) for text, _ in ADDRESSES] * 4
    counties = [NANJING, HANGZHOU]
    examples = Examples(plain, np.array([counties.index(code) for _, code in ADDRESSES] * 4))
    torch.manual_seed(0)
    ours = PieceNetwork(len(examples.keys), counties)
    theirs = copy.deepcopy(ours)
    pieces, outputs = PieceVectors(ours.pieces.weight.detach().numpy()), torch.optim.Adam(ours.outputs.parameters())
    optimizers = (torch.optim.SparseAdam(theirs.pieces.parameters()), torch.optim.Adam(theirs.outputs.parameters()))
    rng = np.random.default_rng(1)
    for _ in range(5):
        batch = examples.batch(rng.permutation(len(plain))[:10], rng)
        learn_batch(ours, pieces, outputs, batch, 0.001)
        numbers, lengths, gold = map(torch.from_numpy, batch)
        theirs.zero_grad()
        loss = torch.nn.functional.cross_entropy(theirs(numbers, lengths.cumsum(0) - lengths), gold)
        loss.backward()
        for optimizer in optimizers:
            optimizer.step()
    for one, other in zip(ours.parameters(), theirs.parameters(), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-6)
