"""What a step attends is what each sequence alone would attend."""

from __future__ import annotations

import pytest
import torch
from torch.nn.functional import scaled_dot_product_attention

from buqi.engine.kv_cache import SHORT_ROW, KVCache, Span, StepRows

HEADS, SHARED, WIDTH = 4, 2, 8


def states(tokens, heads):
    return torch.randn(tokens, heads, 1, WIDTH)


def alone(query, key, value, window=None):
    """The reference: the attention of one whole sequence, (tokens, heads, width)."""
    at = torch.arange(len(query))
    seen = at[None] <= at[:, None]
    if window is not None:
        seen &= at[None] > at[:, None] - window
    key, value = (t.repeat_interleave(HEADS // SHARED, 1) for t in (key, value))
    one = (t[:, :, 0].transpose(0, 1)[None] for t in (query, key, value))
    return scaled_dot_product_attention(*one, attn_mask=seen)[0].transpose(0, 1)


@pytest.mark.parametrize("window", [None, 3])
def test_rows_of_any_lengths_attend_themselves_alone(window):
    torch.manual_seed(0)
    lengths = [70, 5, SHORT_ROW + 9, 1, 12]
    whole = [(states(n, HEADS), states(n, SHARED), states(n, SHARED)) for n in lengths]
    cache = KVCache(layers=2)
    known, parts = [0] * len(lengths), [[] for _ in lengths]
    while any(k < n for k, n in zip(known, lengths, strict=True)):
        counts = [
            min(n - k, 7 if i % 2 else SHORT_ROW + 4) for i, (k, n) in enumerate(zip(known, lengths, strict=True))
        ]
        spans = [Span(i, known[i], count) for i, count in enumerate(counts) if count]
        cache.reserve(len(lengths), max(span.start + span.count for span in spans))
        step = [torch.cat([whole[s.slot][kind][s.start : s.start + s.count] for s in spans]) for kind in range(3)]
        rows = StepRows(cache, spans, torch.device("cpu"))
        found = rows.attend(1, *step, None, window)[:, 0]
        for span, part in zip(spans, found.split([s.count for s in spans]), strict=True):
            parts[span.slot].append(part)
            known[span.slot] += span.count
    for (query, key, value), part in zip(whole, parts, strict=True):
        torch.testing.assert_close(torch.cat(part), alone(query, key, value, window), atol=1e-5, rtol=1e-5)


def test_what_is_stored_moves_and_is_copied():
    cache = KVCache(layers=1)
    cache.reserve(2, 4)
    key, value = torch.randn(3, SHARED, WIDTH), torch.randn(3, SHARED, WIDTH)
    cache.store(0, torch.arange(3) + cache.length, key, value)  # slot 1
    cache.move(1, 0, 3)
    kept = cache.copied(0, 3)
    assert torch.equal(kept[0][0], key) and torch.equal(kept[1][0], value)
    cache.reserve(5, 200)
    assert torch.equal(cache.copied(0, 3)[0][0], key), "it stays when the cache grows"
    cache.fill(4, kept, 2)
    assert torch.equal(cache.copied(4, 2)[1][0], value[:2]) and not cache.copied(4, 3)[1][0, 2].any()
    cache.clear()
    assert cache.tensors is None and cache.slots == 0
