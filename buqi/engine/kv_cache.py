"""Keys and values of the sequences that are being computed, and the attention of one step over them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

PIECE = 64  # positions by which the cache grows
FEW = 16  # rows with more tokens in a step are attended apart from those with fewer, which would be filled up


class KVCache:
    """Keys and values, (layers, slots, length, heads, width) each. A sequence has a slot; used slots are the first."""

    def __init__(self, layers: int) -> None:
        self.layers, self.slots, self.length = layers, 0, 0
        self.held: tuple[torch.Tensor, torch.Tensor] | None = None

    def reserve(self, slots: int, length: int) -> None:
        """Make room for so many slots and positions; what is stored stays."""
        if slots <= self.slots and length <= self.length:
            return
        old = self.held
        self.slots, self.length = max(slots, self.slots), max(-(-length // PIECE) * PIECE, self.length)
        if old is not None:
            self.held = (self._room(old[0][0, 0]), self._room(old[1][0, 0]))
            for new, kept in zip(self.held, old, strict=True):
                new[:, : kept.shape[1], : kept.shape[2]] = kept

    def _room(self, like: torch.Tensor) -> torch.Tensor:
        """Return zeros (masked positions are multiplied by 0, so they must be finite) for ``(…, heads, width)``."""
        return like.new_zeros(self.layers, self.slots, self.length, *like.shape[-2:])

    def store(self, layer: int, places: torch.Tensor, key: torch.Tensor, value: torch.Tensor) -> None:
        """Write (T, heads, width) keys and values at ``places``, slot * length + position each."""
        if self.held is None:
            self.held = (self._room(key), self._room(value))
        for held, new in zip(self.held, (key, value), strict=True):
            held[layer].flatten(0, 1).index_copy_(0, places, new)

    def move(self, source: int, target: int, length: int) -> None:
        """Give what one slot holds, up to ``length``, to another."""
        for held in self.held or ():
            held[:, target, :length] = held[:, source, :length]

    def copied(self, slot: int, length: int) -> tuple[torch.Tensor, ...]:
        """Return the first ``length`` positions of a slot."""
        return tuple(held[:, slot, :length].clone() for held in self.held or ())

    def fill(self, slots: Sequence[int], kept: Sequence[torch.Tensor], length: int) -> None:
        """Write the first ``length`` positions of what `copied` returned into slots."""
        if self.held is None:
            self.held = (self._room(kept[0]), self._room(kept[1]))
        for held, new in zip(self.held, kept, strict=True):
            held[:, list(slots), :length] = new[:, None, :length]

    def clear(self) -> None:
        """Give the memory back."""
        self.slots = self.length = 0
        self.held = None


@dataclass(frozen=True)
class Span:
    """Tokens of one sequence that a step computes: ``count`` of them from position ``start`` on, in ``slot``."""

    slot: int
    start: int
    count: int


class StepRows:
    """The tokens of one step, one behind the other, and how they attend what the cache holds.

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
        long = [row for row in rows if row[1].count > FEW]
        short = [row for row in rows if row[1].count <= FEW]
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
        assert self.cache.held is not None
        keys, values = (held[layer] for held in self.cache.held)
        found = [group.attend(query[:, :, 0], keys, values, scaling, window) for group in self.groups]
        if len(found) == 1:
            return found[0][:, None]
        out = found[0].new_empty(len(query), *found[0].shape[1:])
        for group, part in zip(self.groups, found, strict=True):
            out[group.tokens] = part
        return out[:, None]


class _Group:
    """Rows of a step that are attended together, filled up to the longest.

    Attributes:
        tokens: (n,) numbers of their tokens in the step.
        index: (B, Q) the same by row, filled up with each row's last.
        order: (n,) which of the B * Q are real; ``None`` if all.
        at: (B, Q, 1) position of each.
    """

    def __init__(self, rows: Sequence[tuple[int, Span]], device: torch.device) -> None:
        import torch

        def tensor(numbers: Sequence[Any]) -> torch.Tensor:
            return torch.tensor(numbers, device=device)

        first, spans = zip(*rows, strict=True)
        most = max(span.count for span in spans)
        count = tensor([span.count for span in spans])[:, None]
        step = torch.minimum(torch.arange(most, device=device)[None], count - 1)
        self.index = tensor(first)[:, None] + step
        real = torch.arange(most, device=device)[None] < count
        self.tokens = self.index[real]
        self.order = None if bool(real.all()) else real.flatten().nonzero()[:, 0]
        self.at = (tensor([span.start for span in spans])[:, None] + step)[..., None]
        self.length = max(span.start + span.count for span in spans)
        slots = [span.slot for span in spans]
        whole = slots == list(range(slots[0], slots[0] + len(slots)))
        self.slots = slice(slots[0], slots[-1] + 1) if whole else tensor(slots)
        self.biases: dict[Any, torch.Tensor] = {}

    def attend(
        self, query: torch.Tensor, keys: torch.Tensor, values: torch.Tensor, scaling: float | None, window: int | None
    ) -> torch.Tensor:
        """Return (n, heads, width); heads that share keys are attended as if they were more tokens."""
        from torch.nn.functional import scaled_dot_product_attention

        (rows, most), (heads, width), shared = self.index.shape, query.shape[1:], keys.shape[2]
        asked = query[self.index.flatten()].view(rows, most, shared, heads // shared, width)
        asked = asked.permute(0, 2, 3, 1, 4).reshape(rows, shared, -1, width)
        found = scaled_dot_product_attention(
            asked,
            keys[self.slots, : self.length].transpose(1, 2),
            values[self.slots, : self.length].transpose(1, 2),
            attn_mask=self._bias(query, heads // shared, window),
            scale=scaling,
        )
        found = found.view(rows, shared, -1, most, values.shape[-1]).permute(0, 3, 1, 2, 4)
        found = found.reshape(rows * most, heads, -1)
        return found if self.order is None else found[self.order]

    def _bias(self, query: torch.Tensor, times: int, window: int | None) -> torch.Tensor:
        """Return what is added to the scores, (B, 1, heads per key * Q, length); made once for all layers."""
        import torch

        key = (window, times)
        if key not in self.biases:
            there = torch.arange(self.length, device=query.device)
            hidden = there > self.at
            if window is not None:
                hidden |= there <= self.at - window
            bias = query.new_zeros(hidden.shape).masked_fill_(hidden, float("-inf"))
            self.biases[key] = bias.repeat(1, times, 1)[:, None]
        return self.biases[key]
