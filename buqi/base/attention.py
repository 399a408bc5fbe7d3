"""Attention over a pack, block by block.

In a pack of many rows most pairs of tokens are masked. Here the shared prefix attends itself, and each row attends the
prefix and itself, all rows at once. Nothing else is computed. The function is registered with transformers as `NAME`.
Masks that are not `Blocks` go to the ordinary scaled-dot-product attention.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

NAME = "buqi_pack"


@dataclass(frozen=True)
class Blocks:
    """Where the rows of a pack lie.

    Attributes:
        prefix: P, how many tokens all rows share at the front.
        index: (R, M) positions of each row's own tokens, filled up with the row's last one.
        order: (N,) which of the R * M positions are a row's own.
        size: (R, 1) how many own tokens each row has.
    """

    prefix: int
    index: torch.Tensor
    order: torch.Tensor
    size: torch.Tensor

    @classmethod
    def of(cls, prefix: int, lengths: list[int], device: torch.device) -> Blocks:
        """Return the blocks of rows with ``lengths`` own tokens behind ``prefix`` shared ones."""
        import torch

        most = max(lengths)
        size = torch.tensor(lengths, device=device)[:, None]
        start = prefix + torch.cumsum(size, 0) - size
        step = torch.arange(most, device=device)[None, :]
        order = (step < size).flatten().nonzero()[:, 0]
        return cls(prefix, start + torch.minimum(step, size - 1), order, size)

    @cached_property
    def mask(self) -> torch.Tensor:
        """(R, 1, M, P + M) bool, true where attention is allowed."""
        import torch

        (rows, most), device = self.index.shape, self.index.device
        real = torch.arange(most, device=device)[None, :] < self.size
        causal = torch.ones(most, most, dtype=torch.bool, device=device).tril()
        own = causal[None] & real[:, None, :]
        # a filling position attends itself: a softmax over nothing would be NaN
        own = own | torch.eye(most, dtype=torch.bool, device=device)[None]
        shared = torch.ones(rows, most, self.prefix, dtype=torch.bool, device=device)
        return torch.cat([shared, own], 2)[:, None]


def block_attention(
    module: Any,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: Any,
    dropout: float = 0.0,
    scaling: float | None = None,
    **kwargs: Any,
) -> tuple[torch.Tensor, None]:
    """Return attention of (1, heads, L, width) queries as (1, L, heads, width), as transformers calls it."""
    import torch
    from transformers.integrations.sdpa_attention import sdpa_attention_forward

    if (rows := kwargs.get("step_rows")) is not None:  # an answer is being written
        return rows.attend(module.layer_idx, query, key, value, scaling, kwargs.get("sliding_window")), None
    if not isinstance(attention_mask, Blocks):
        ordinary: tuple[torch.Tensor, None] = sdpa_attention_forward(
            module, query, key, value, attention_mask, dropout=dropout, scaling=scaling, **kwargs
        )
        return ordinary
    if query.device.type != "cpu":
        return _attend(query, key, value, attention_mask, dropout, scaling), None
    with torch.autocast("cpu", enabled=False):  # in 16 bits the backward pass takes four times as long
        exact = _attend(query.float(), key.float(), value.float(), attention_mask, dropout, scaling)
    return exact.to(query.dtype), None


def _attend(
    query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, blocks: Blocks, dropout: float, scaling: float | None
) -> torch.Tensor:
    import torch
    from torch.nn.functional import scaled_dot_product_attention as attend

    first, rows, groups = blocks.prefix, len(blocks.index), query.shape[1] // key.shape[1]
    parts = [torch.tensor_split(t, [first], 2) for t in (query, key, value)]
    (query, key, value), own = [p[0] for p in parts], [_by_row(p[1], blocks.index - first) for p in parts]
    key, value, own[1], own[2] = (t.repeat_interleave(groups, 1) for t in (key, value, own[1], own[2]))
    keys = torch.cat([key.expand(rows, -1, -1, -1), own[1]], 2)
    values = torch.cat([value.expand(rows, -1, -1, -1), own[2]], 2)
    rows_attended = attend(own[0], keys, values, attn_mask=blocks.mask, dropout_p=dropout, scale=scaling)
    # rows follow each other in the pack, so taking the real positions in order restores the pack's order
    behind = rows_attended.transpose(1, 2).flatten(0, 1).index_select(0, blocks.order)[None]
    if not first:
        return behind
    ahead = attend(query, key, value, is_causal=True, dropout_p=dropout, scale=scaling)
    return torch.cat([ahead.transpose(1, 2), behind], 1)


def _by_row(heads: torch.Tensor, index: torch.Tensor) -> torch.Tensor:
    """Return (R, heads, M, width) of (1, heads, L, width). Copying whole positions has the fastest backward pass."""
    rows, most = index.shape
    flat = heads[0].transpose(0, 1).flatten(1).index_select(0, index.flatten())
    return flat.view(rows, most, heads.shape[1], heads.shape[3]).transpose(1, 2)


def register() -> str:
    """Make `NAME` known to transformers, with masks as for its scaled-dot-product attention; return it."""
    from transformers import AttentionInterface, AttentionMaskInterface
    from transformers.masking_utils import sdpa_mask

    AttentionInterface.register(NAME, block_attention)
    AttentionMaskInterface.register(NAME, sdpa_mask)
    return NAME


def takes_blocks(model: Any) -> bool:
    """Return whether a model's attention takes `Blocks`: it is a Qwen2 with full attention, loaded by buqi."""
    config = getattr(model, "module", model).config
    full = set(getattr(config, "layer_types", None) or ["full_attention"]) == {"full_attention"}
    return getattr(config, "_attn_implementation", "") == NAME and config.model_type == "qwen2" and full
