"""A pack's loss and gradients are those of plain padded rows."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn.functional import cross_entropy

from buqi.base import load_model
from buqi.engine.packs import FILLED, common_prefix, make_pack, packs
from buqi.task import Encoded
from buqi.tune.loss import pack_loss


def padded_loss(model, rows):
    """The reference: right-padded rows, all logits, next-token labels."""
    width = max(len(row.ids) for row in rows)
    ids = torch.tensor([row.ids + [0] * (width - len(row.ids)) for row in rows])
    mask = torch.tensor([[1] * len(row.ids) + [0] * (width - len(row.ids)) for row in rows])
    labels = torch.tensor(
        [
            [t if on else -100 for t, on in zip(row.ids, row.trained, strict=True)] + [-100] * (width - len(row.ids))
            for row in rows
        ]
    )
    logits = model(input_ids=ids, attention_mask=mask).logits
    return cross_entropy(logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten(), reduction="sum")


def gradients(model, loss):
    model.zero_grad()
    loss.backward()
    return {name: p.grad.clone() for name, p in model.named_parameters() if p.grad is not None}


def row(prefix, own, answer):
    return Encoded(prefix + own + answer, [False] * len(prefix + own) + [True] * len(answer))


def computed(rows):
    """How many tokens a pack of these rows computes."""
    return make_pack(rows).input_ids.shape[1]


PREFIX = list(range(10, 22))
ROWS = {
    "shared prefix": [row(PREFIX, [40 + i] * (i + 1), [60, 61, i]) for i in range(5)],
    "no prefix": [row([i], [5, 6], [7, 8]) for i in range(4)],
    "one row": [row(PREFIX, [3], [4])],
    "equal rows": [row(PREFIX, [3], [4, 5])] * 3,
    "two turns": [
        Encoded(PREFIX + [1, 2, 3, 4, 5], [False] * 12 + [True, True, False, False, True]),
        Encoded(PREFIX + [9, 2, 8], [False] * 12 + [True, False, True]),
    ],
    "answer differs at once": [row(PREFIX, [], [i, i + 1]) for i in range(3)],
}


@pytest.mark.parametrize("rows", ROWS.values(), ids=ROWS.keys())
def test_loss_and_gradients_equal_padded(tiny, rows):
    model = load_model(tiny)
    plain = padded_loss(model, rows)
    packed, _ = pack_loss(model, make_pack(rows))
    assert packed.item() == pytest.approx(plain.item(), abs=1e-5, rel=1e-6)
    one, other = gradients(model, padded_loss(model, rows)), gradients(model, pack_loss(model, make_pack(rows))[0])
    assert one.keys() == other.keys()
    for name in one:
        torch.testing.assert_close(one[name], other[name], atol=1e-5, rtol=1e-4, msg=name)


def length(rows) -> int:
    """Return how many tokens the pack of ``rows`` computes."""
    return make_pack(rows).input_ids.shape[1]


def test_prefix_is_computed_once():
    rows = ROWS["shared prefix"]
    pack = make_pack(rows)
    assert pack.prefix == len(PREFIX)
    assert pack.input_ids.shape[1] == 12 + sum(len(r.ids) - 13 for r in rows)
    assert pack.targets.tolist() == [t for r in rows for t, on in zip(r.ids, r.trained, strict=True) if on]


def test_no_row_sees_another():
    pack = make_pack(ROWS["shared prefix"])
    mask, at = pack.mask[0, 0], pack.prefix
    for r in ROWS["shared prefix"]:
        own = slice(at, at + len(r.ids) - 1 - pack.prefix)
        inside = torch.zeros(mask.shape[1], dtype=torch.bool)
        inside[: pack.prefix] = True
        inside[own] = True
        assert not mask[own][:, ~inside].any()
        at = own.stop


@given(st.lists(st.lists(st.integers(0, 2), max_size=6), min_size=1, max_size=6))
def test_common_prefix(rows):
    length = common_prefix(rows)
    assert all(r[:length] == rows[0][:length] for r in rows)
    assert min(map(len, rows)) == length or len({r[length] for r in rows}) > 1


@given(st.lists(st.integers(1, 30), min_size=1, max_size=20), st.integers(20, 80))
def test_packs_keep_every_row_and_the_budget(sizes, budget):
    rows = [row(PREFIX, [7] * n, [1, 2]) for n in sizes]
    groups = packs(rows, budget)
    assert sorted(i for g in groups for i in g) == list(range(len(rows)))
    for group in groups:
        assert len(group) == 1 or computed([rows[i] for i in group]) <= budget


def test_rows_with_two_instructions_share_each_their_own():
    one, two = [5, 1, *range(10, 40)], [5, 2, *range(50, 80)]
    rows = [row(one if i % 2 else two, [7, i], [1, 2]) for i in range(8)]
    groups = packs(rows, 400)
    assert sorted(map(tuple, groups)) == [(0, 2, 4, 6), (1, 3, 5, 7)]
    assert sum(computed([rows[i] for i in g]) for g in groups) < computed(rows)
    few = [row([5, 6, 7, 8, kind], [7], [1, 2]) for kind in (1, 2, 3)]
    assert packs(few, 400) == [[0, 1, 2]]  # what they share is more than what parts them


def test_a_long_row_takes_few_short_ones():
    rows = [Encoded([0] * (1 + length), [False, *[True] * length]) for length in [400, *[4] * 100]]
    groups = packs(rows, 1000)
    assert sorted(i for group in groups for i in group) == list(range(101))
    for group in groups:
        longest = max(len(rows[i].ids) - 1 for i in group)
        assert len(group) == 1 or len(group) * longest <= FILLED * 1000
    assert len(groups[0]) == 10 and len(groups) == 2
