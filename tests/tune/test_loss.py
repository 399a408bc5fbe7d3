"""The sliced cross-entropy against torch's own."""

from __future__ import annotations

import pytest
import torch
from torch.nn.functional import cross_entropy

from buqi.tune.loss import SLICE_POSITIONS, summed_cross_entropy


def case(count: int, dtype: torch.dtype = torch.float32) -> tuple[torch.Tensor, torch.Tensor]:
    torch.manual_seed(0)
    logits = (torch.randn(count, 50) * 8).to(dtype).requires_grad_()
    return logits, torch.randint(50, (count,))


@pytest.mark.parametrize("count", [1, SLICE_POSITIONS, 2 * SLICE_POSITIONS + 3])
def test_loss_gradient_and_hits_are_torchs(count):
    logits, targets = case(count)
    loss, hits = summed_cross_entropy(logits, targets)
    (loss * 0.25).backward()
    mine, logits.grad = logits.grad, None
    right = cross_entropy(logits, targets, reduction="sum")
    (right * 0.25).backward()
    torch.testing.assert_close(loss, right)
    torch.testing.assert_close(mine, logits.grad)
    assert hits == (logits.argmax(1) == targets).sum()
    with torch.no_grad():
        torch.testing.assert_close(summed_cross_entropy(logits, targets)[0], right.detach())


def test_large_logits_do_not_overflow():
    logits = torch.tensor([[2e4, -2e4], [2e4, -2e4]], requires_grad=True)
    loss, hits = summed_cross_entropy(logits, torch.tensor([0, 1]))
    loss.backward()
    assert (loss.item(), hits.item()) == (4e4, 1)
    assert logits.grad.tolist() == [[0, 0], [1, -1]]


def test_the_gradient_has_the_precision_of_the_logits():
    logits, targets = case(20, torch.bfloat16)
    summed_cross_entropy(logits, targets)[0].backward()
    exact = logits.detach().float().requires_grad_()
    cross_entropy(exact, targets, reduction="sum").backward()
    assert logits.grad.dtype == torch.bfloat16
    torch.testing.assert_close(logits.grad.float(), exact.grad, atol=4e-3, rtol=4e-3)
