"""Attention over a pack with its gradient. Scores are in 32 bits; of long rows their softmax is computed again.

The key biases of Qwen2.5-0.5B reach 211, so scores of keys that were rounded to 16 bits are noise: queries and keys
stay in 32 bits from the bias on.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

from buqi.tune.compiled import elementwise

Tensor = torch.Tensor
HIDDEN = -1e9  # the score of a key that may not be attended; its exponential is 0
KEPT_WIDTH = 160  # keys of a query; with more keys, weights are computed again instead of kept


@dataclass(frozen=True)
class RowLayout:
    """Where the rows of a pack lie, for attention.

    Attributes:
        prefix: P, tokens that all rows share at the front.
        index: (R * M,) positions of each row's own tokens behind the prefix, filled up to the longest row's M.
        order: which of them are a row's own, in the order of the pack.
        most: M.
        mask: (M, M), added to the scores of a row: `HIDDEN` where the key comes after the query, else 0.
        prefix_mask: (P, P), the same for the prefix.
    """

    prefix: int
    index: Tensor
    order: Tensor
    most: int
    mask: Tensor
    prefix_mask: Tensor


def causal_mask(count: int, device: torch.device) -> Tensor:
    """Return (count, count), `HIDDEN` above the diagonal and 0 elsewhere."""
    return torch.full((count, count), HIDDEN, device=device).triu_(1)


@dataclass(frozen=True)
class Heads:
    """Queries (K, R, G·M, w), own keys and values (K, R, M, w), shared ones (K, 1, P, w) or none; K groups of G."""

    query: Tensor
    key: Tensor
    value: Tensor
    shared_key: Tensor | None = None
    shared_value: Tensor | None = None

    @property
    def shared(self) -> int:
        """P, how many keys all rows share."""
        return 0 if self.shared_key is None else self.shared_key.shape[2]


def _times_shared(left: Tensor, right: Tensor) -> Tensor:
    """Return the product of (K, R, N, a) with (K, 1, a, b), the same for all rows."""
    groups, rows, count, width = left.shape
    return torch.bmm(left.reshape(groups, rows * count, width), right[:, 0]).view(groups, rows, count, -1)


def _sum_over_rows(left: Tensor, right: Tensor) -> Tensor:
    """Return (K, 1, a, b): the transpose of (K, R, N, a) times (K, R, N, b), summed over rows."""
    return torch.bmm(left.flatten(1, 2).transpose(1, 2), right.flatten(1, 2))[:, None]


def attention_weights(heads: Heads, mask: Tensor) -> Tensor:
    """Return (K, R, G·M, P + M), the softmax of the scores; queries come scaled. ``mask`` is (M, M)."""
    own = torch.matmul(heads.query, heads.key.transpose(2, 3))
    if heads.shared_key is None:
        return softmax_of(own, mask)
    return softmax_of(own, mask, _times_shared(heads.query, heads.shared_key.transpose(2, 3)))


@elementwise
def softmax_of(own: Tensor, mask: Tensor, ahead: Tensor | None = None) -> Tensor:
    """Return the softmax of scores (K, R, G·M, P + M): ``ahead`` (K, R, G·M, P) and ``own`` (K, R, G·M, M)."""
    groups, rows, count, most = own.shape
    masked = (own.view(groups, rows, count // most, most, most) + mask).view(own.shape)
    return (masked if ahead is None else torch.cat([ahead, masked], 3)).softmax(3)


@elementwise
def scores_gradient(grad: Tensor, weight: Tensor) -> Tensor:
    """Return the gradient of the scores, given that of their softmax ``weight``."""
    scaled = grad.float() * weight
    return scaled.addcmul_(weight, scaled.sum(3, keepdim=True), value=-1)


def attended(heads: Heads, weight: Tensor) -> Tensor:
    """Return (K, R, G·M, w), the sum of the values by their weights."""
    shared, weight = heads.shared, weight.to(heads.value.dtype)
    found = torch.matmul(weight[..., shared:], heads.value)
    if heads.shared_value is None:
        return found
    return found.add_(_times_shared(weight[..., :shared], heads.shared_value))


def attended_gradient(grad: Tensor, heads: Heads, weight: Tensor) -> Heads:
    """Return the gradients of ``heads``, given that of `attended`, which has the precision of the values."""
    shared, rounded = heads.shared, weight.to(heads.value.dtype)
    grad_weight = torch.matmul(grad, heads.value.transpose(2, 3))
    if heads.shared_value is not None:
        grad_weight = torch.cat([_times_shared(grad, heads.shared_value.transpose(2, 3)), grad_weight], 3)
    scores = scores_gradient(grad_weight, weight)
    own = scores[..., shared:]
    query, key = torch.matmul(own, heads.key), torch.matmul(own.transpose(2, 3), heads.query)
    value = torch.matmul(rounded[..., shared:].transpose(2, 3), grad)
    if heads.shared_key is None:
        return Heads(query, key, value)
    ahead = scores[..., :shared]
    query.add_(_times_shared(ahead, heads.shared_key))
    return Heads(query, key, value, _sum_over_rows(ahead, heads.query), _sum_over_rows(rounded[..., :shared], grad))
