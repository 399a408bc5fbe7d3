"""Block-wise attention over a pack equals the dense mask, forward and backward; what is saved does not know of it."""

from __future__ import annotations

import json

import pytest
import torch

from buqi.base import load_model
from buqi.base.attention import NAME, Blocks, takes_blocks
from buqi.engine.packs import make_pack
from buqi.task import Encoded


def row(*ids: int, prompt: int) -> Encoded:
    return Encoded(list(ids), [False] * prompt + [True] * (len(ids) - prompt))


PACKS = {
    "prefix": [row(5, 6, 7, 8, 9, prompt=3), row(5, 6, 7, 20, 21, 22, 23, prompt=4), row(5, 6, 7, 30, prompt=3)],
    "no prefix": [row(1, 2, 3, 4, prompt=2), row(9, 8, 7, prompt=1)],
    "one row": [row(1, 2, 3, 4, prompt=2)],
}


@pytest.mark.parametrize("name", PACKS)
def test_blocks_equal_the_dense_mask(tiny, name):
    model = load_model(tiny)
    assert takes_blocks(model)
    pack = make_pack(PACKS[name])
    results = []
    for mask in (pack.mask, None):
        model.zero_grad()
        inputs = pack.inputs(model) | ({"attention_mask": mask} if mask is not None else {})
        logits = model(**inputs).logits
        logits.square().mean().backward()
        results.append((logits.detach(), {n: p.grad.clone() for n, p in model.named_parameters()}))
    (dense, one), (blocks, other) = results
    torch.testing.assert_close(dense, blocks, atol=1e-5, rtol=1e-5)
    for key in one:
        torch.testing.assert_close(one[key], other[key], atol=1e-6, rtol=1e-4, msg=key)


def test_each_row_attends_the_prefix_and_itself():
    blocks = Blocks.of(2, [3, 1], torch.device("cpu"))
    assert blocks.index.tolist() == [[2, 3, 4], [5, 5, 5]]
    assert blocks.order.tolist() == [0, 1, 2, 3]  # of six, the last two fill the second row up
    assert blocks.mask[0, 0].int().tolist() == [[1, 1, 1, 0, 0], [1, 1, 1, 1, 0], [1, 1, 1, 1, 1]]
    assert blocks.mask[1, 0, 0].int().tolist() == [1, 1, 1, 0, 0]


def test_the_name_does_not_reach_what_is_saved(tiny, tmp_path):
    load_model(tiny).save_pretrained(tmp_path)
    assert NAME not in json.dumps(json.loads((tmp_path / "config.json").read_text()))


def test_other_attention_takes_no_blocks(tiny):
    from transformers import AutoModelForCausalLM

    assert not takes_blocks(AutoModelForCausalLM.from_pretrained(tiny))
