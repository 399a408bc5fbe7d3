"""Keys and values of the sequences that are being computed, and the attention of one step over them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

GROWTH = 64  # positions by which the cache grows
SHORT_ROW = 16  # tokens; longer rows of a step are attended apart, or short ones would be padded to their length


class KVCache:
    """Keys and values of all sequences: two tensors, (layers, slots, length, heads, width) each.

    A sequence has one slot. The used slots are the first ones, so that a step can read them without a copy.
    """

    def __init__(self, layers: int) -> None:
        self.layers, self.slots, self.length = layers, 0, 0
        self.tensors: tuple[torch.Tensor, torch.Tensor] | None = None

    def reserve(self, slots: int, length: int) -> None:
        """Make room for so many slots and positions; what is stored stays."""
        if slots <= self.slots and length <= self.length:
            return
        old = self.tensors
        self.slots, self.length = max(slots, self.slots), max(-(-length // GROWTH) * GROWTH, self.length)
        if old is not None:
            self.tensors = (self._zeros(old[0][0, 0]), self._zeros(old[1][0, 0]))
            for new, stored in zip(self.tensors, old, strict=True):
                new[:, : stored.shape[1], : stored.shape[2]] = stored

    def _zeros(self, like: torch.Tensor) -> torch.Tensor:
        """Return an empty tensor of the cache for ``(…, heads, width)``: masked positions must hold finite numbers."""
        return like.new_zeros(self.layers, self.slots, self.length, *like.shape[-2:])

    def store(self, layer: int, places: torch.Tensor, key: torch.Tensor, value: torch.Tensor) -> None:
        """Write (T, heads, width) keys and values at ``places``, slot * length + position each."""
        if self.tensors is None:
            self.tensors = (self._zeros(key), self._zeros(value))
        for stored, new in zip(self.tensors, (key, value), strict=True):
            stored[layer].flatten(0, 1).index_copy_(0, places, new)

    def move(self, source: int, target: int, length: int) -> None:
        """Copy the first ``length`` positions of one slot to another."""
        for stored in self.tensors or ():
            stored[:, target, :length] = stored[:, source, :length]

    def copied(self, slot: int, length: int) -> tuple[torch.Tensor, ...]:
        """Return the first ``length`` positions of a slot: keys and values, (layers, length, heads, width) each."""
        return tuple(stored[:, slot, :length].clone() for stored in self.tensors or ())

    def fill(self, slot: int, copies: Sequence[torch.Tensor], length: int) -> None:
        """Write the first ``length`` positions of what `copied` returned into a slot."""
        if self.tensors is None:
            self.tensors = (self._zeros(copies[0]), self._zeros(copies[1]))
        for stored, new in zip(self.tensors, copies, strict=True):
            stored[:, slot, :length] = new[:, :length]

    def clear(self) -> None:
        """Free the memory."""
        self.slots = self.length = 0
        self.tensors = None


@dataclass(frozen=True)
class Span:
    """Tokens of one sequence that a step computes: ``count`` of them from position ``start`` on, in ``slot``."""

    slot: int
    start: int
    count: int


class StepRows:
    """The tokens of one step, one row behind the other, and how they attend what the cache holds.

    Args:
        cache: has room for all of them.
        spans: in the order of the tokens, each slot once.
    """

    def __init__(self, cache: KVCache, spans: Sequence[Span], device: torch.device) -> None:
        import torch

        self.cache = cache
        places = [span.slot * cache.length + at for span in spans for at in range(span.start, span.start + span.count)]
        self.places = torch.tensor(places, device=device)
        firsts = accumulate((span.count for span in spans), initial=0)
        rows = list(zip(firsts, spans, strict=False))
        long = [row for row in rows if row[1].count > SHORT_ROW]
        short = [row for row in rows if row[1].count <= SHORT_ROW]
        self.groups = [_Group(group, device) for group in (short, long) if group]

    def attend(
        self,
        layer: int,
        query: torch.Tensor,
        key: torch.Tensor,
        value: torch.Tensor,
        scaling: float | None,
        window: int | None,
    ) -> torch.Tensor:
        """Store keys and values; return the attention of (T, heads, 1, width) queries as (T, 1, heads, width)."""
        self.cache.store(layer, self.places, key[:, :, 0], value[:, :, 0])
        assert self.cache.tensors is not None
        keys, values = (stored[layer] for stored in self.cache.tensors)
        parts = [group.attend(query[:, :, 0], keys, values, scaling, window) for group in self.groups]
        if len(parts) == 1:
            return parts[0][:, None]
        out = parts[0].new_empty(len(query), *parts[0].shape[1:])
        for group, part in zip(self.groups, parts, strict=True):
            out[group.tokens] = part
        return out[:, None]


class _Group:
    """B rows of a step that are attended together, padded to Q tokens, those of the longest.

    Attributes:
        tokens: (n,) numbers of their tokens in the step.
        index: (B, Q) the same by row; each row is padded with its last token.
        order: (n,) which of the B * Q are no padding; ``None`` if all.
        at: (B, Q, 1) position of each in its sequence.
        length: how many positions of the cache they attend at most.
        slots: (B,) slots of the rows; a slice where they are neighbours, which reads the cache without a copy.
        biases: what `_bias` returned, by its arguments.
    """

    def __init__(self, rows: Sequence[tuple[int, Span]], device: torch.device) -> None:
        import torch

        def tensor(numbers: Sequence[Any]) -> torch.Tensor:
            return torch.tensor(numbers, device=device)

        first, spans = zip(*rows, strict=True)
        longest = max(span.count for span in spans)
        count = tensor([span.count for span in spans])[:, None]
        step = torch.minimum(torch.arange(longest, device=device)[None], count - 1)
        self.index = tensor(first)[:, None] + step
        real = torch.arange(longest, device=device)[None] < count
        self.tokens = self.index[real]
        self.order = None if bool(real.all()) else real.flatten().nonzero()[:, 0]
        self.at = (tensor([span.start for span in spans])[:, None] + step)[..., None]
        self.length = max(span.start + span.count for span in spans)
        slots = [span.slot for span in spans]
        neighbours = slots == list(range(slots[0], slots[0] + len(slots)))
        self.slots = slice(slots[0], slots[-1] + 1) if neighbours else tensor(slots)
        self.biases: dict[tuple[int, int | None], torch.Tensor] = {}

    def attend(
        self, query: torch.Tensor, keys: torch.Tensor, values: torch.Tensor, scaling: float | None, window: int | None
    ) -> torch.Tensor:
        """Return the attention of the group's tokens, (n, heads, width).

        With grouped queries several heads share keys; they are attended as if they were more tokens of one head.

        Args:
            query: (T, heads, width) of all tokens of the step.
            keys: (slots, length, shared heads, width) of the layer, as ``values``.
        """
        from torch.nn.functional import scaled_dot_product_attention

        (rows, longest), (heads, width), shared = self.index.shape, query.shape[1:], keys.shape[2]
        asked = query[self.index.flatten()].view(rows, longest, shared, heads // shared, width)
        asked = asked.permute(0, 2, 3, 1, 4).reshape(rows, shared, -1, width)
        out = scaled_dot_product_attention(
            asked,
            keys[self.slots, : self.length].transpose(1, 2),
            values[self.slots, : self.length].transpose(1, 2),
            attn_mask=self._bias(query, heads // shared, window),
            scale=scaling,
        )
        out = out.view(rows, shared, -1, longest, values.shape[-1]).permute(0, 3, 1, 2, 4)
        out = out.reshape(rows * longest, heads, -1)
        return out if self.order is None else out[self.order]

    def _bias(self, query: torch.Tensor, times: int, window: int | None) -> torch.Tensor:
        """Return what is added to the scores, (B, 1, ``times`` * Q, length): 0, or minus infinity where it is masked.

        ``times`` heads share keys. The layers share one tensor.
        """
        import torch

        key = (times, window)
        if key not in self.biases:
            positions = torch.arange(self.length, device=query.device)
            hidden = positions > self.at
            if window is not None:
                hidden |= positions <= self.at - window
            bias = query.new_zeros(hidden.shape).masked_fill_(hidden, float("-inf"))
            self.biases[key] = bias.repeat(1, times, 1)[:, None]
        return self.biases[key]
