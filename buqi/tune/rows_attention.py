"""Attention over a pack with its gradient: scores in 32 bits, their softmax computed again where keeping it is dear.

The key biases of Qwen2.5-0.5B reach 211, so scores of keys that were rounded to 16 bits are noise: queries and keys
stay in 32 bits from the bias on.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

from buqi.tune.compiled import elementwise

Tensor = torch.Tensor
HIDDEN = -1e9  # the score of what may not be attended: its exponential is 0
KEPT_WIDTH = 160  # keys a query; of more, weights are computed again instead of being kept


@dataclass(frozen=True)
class RowLayout:
    """Where the rows of a pack lie, for attention.

    Attributes:
        prefix: P, tokens that all rows share at the front.
        index: (R * M,) positions of each row's own tokens behind the prefix, filled up to the longest row's M.
        order: which of them are a row's own, in the order of the pack.
        most: M.
        hide: (M, M), `HIDDEN` where a token comes later.
        hide_prefix: (P, P), the same for the prefix.
    """

    prefix: int
    index: Tensor
    order: Tensor
    most: int
    hide: Tensor
    hide_prefix: Tensor


def later(count: int, device: torch.device) -> Tensor:
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
        """Return P, how many keys all rows share."""
        return 0 if self.shared_key is None else self.shared_key.shape[2]


def _of_shared(left: Tensor, right: Tensor) -> Tensor:
    """Return the product of (K, R, N, a) with (K, 1, a, b), the same for all rows."""
    groups, rows, count, width = left.shape
    return torch.bmm(left.reshape(groups, rows * count, width), right[:, 0]).view(groups, rows, count, -1)


def _over_rows(left: Tensor, right: Tensor) -> Tensor:
    """Return (K, 1, a, b), the sum over rows of the transposed (K, R, N, a) times (K, R, N, b)."""
    return torch.bmm(left.flatten(1, 2).transpose(1, 2), right.flatten(1, 2))[:, None]


def weights(heads: Heads, hide: Tensor) -> Tensor:
    """Return (K, R, G·M, P + M), the softmax of the scores; queries come scaled. ``hide`` is (M, M)."""
    own = torch.matmul(heads.query, heads.key.transpose(2, 3))
    if heads.shared_key is None:
        return softmax_of(own, hide)
    return softmax_of(own, hide, _of_shared(heads.query, heads.shared_key.transpose(2, 3)))


@elementwise
def softmax_of(own: Tensor, hide: Tensor, ahead: Tensor | None = None) -> Tensor:
    """Return the softmax of scores (K, R, G·M, P + M): ``ahead`` (K, R, G·M, P) and ``own`` (K, R, G·M, M)."""
    groups, rows, count, most = own.shape
    shown = (own.view(groups, rows, count // most, most, most) + hide).view(own.shape)
    return (shown if ahead is None else torch.cat([ahead, shown], 3)).softmax(3)


@elementwise
def scores_gradient(of_weight: Tensor, weight: Tensor) -> Tensor:
    """Return the gradient of scores where ``of_weight`` is that of their softmax ``weight``."""
    scaled = of_weight.float() * weight
    return scaled.addcmul_(weight, scaled.sum(3, keepdim=True), value=-1)


def attended(heads: Heads, weight: Tensor) -> Tensor:
    """Return (K, R, G·M, w), the values by their weights."""
    shared, weight = heads.shared, weight.to(heads.value.dtype)
    found = torch.matmul(weight[..., shared:], heads.value)
    if heads.shared_value is None:
        return found
    return found.add_(_of_shared(weight[..., :shared], heads.shared_value))


def attended_gradient(g: Tensor, heads: Heads, weight: Tensor) -> Heads:
    """Return the gradients of ``heads`` where ``g`` is that of `attended`, in the precision of the values."""
    shared, rounded = heads.shared, weight.to(heads.value.dtype)
    of_weight = torch.matmul(g, heads.value.transpose(2, 3))
    if heads.shared_value is not None:
        of_weight = torch.cat([_of_shared(g, heads.shared_value.transpose(2, 3)), of_weight], 3)
    scores = scores_gradient(of_weight, weight)
    own = scores[..., shared:]
    query, key = torch.matmul(own, heads.key), torch.matmul(own.transpose(2, 3), heads.query)
    value = torch.matmul(rounded[..., shared:].transpose(2, 3), g)
    if heads.shared_key is None:
        return Heads(query, key, value)
    ahead = scores[..., :shared]
    query.add_(_of_shared(ahead, heads.shared_key))
    return Heads(query, key, value, _over_rows(ahead, heads.query), _over_rows(rounded[..., :shared], g))
