"""Prompts whose keys and values are kept: a later prompt that begins alike need not compute its beginning."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from buqi.engine.packs import common_prefix

MOST_PROMPTS = 16  # that are kept
LEAST_SAVED = 16  # tokens that a copy, or a wait for another prompt, must save
LONGEST_KEPT = 2048  # tokens of a prompt that is kept
MOST_TOKENS = 8192  # of all prompts that are kept: 200 MB for Qwen2.5-0.5B in fp32


@dataclass(frozen=True)
class CachedPrefix:
    """A prompt, PEFT's name of the adapter that computed it, and its keys and values (`KVCache.copied`)."""

    adapter: str | None
    ids: list[int]
    tensors: tuple[Any, ...]


class PrefixCache:
    """The prompts that are kept; the one used last is the last."""

    def __init__(self) -> None:
        self.kept: list[CachedPrefix] = []

    def longest(self, adapter: str | None, ids: Sequence[int]) -> tuple[CachedPrefix | None, int]:
        """Return the kept prompt that has most first tokens in common with ``ids``, and how many.

        The last of ``ids`` never counts: it is computed in any case, because its logits are wanted. Fewer than
        `LEAST_SAVED` tokens are not worth a copy: ``(None, 0)``.
        """
        best, most = None, LEAST_SAVED - 1
        for at, kept in enumerate(self.kept):
            if kept.adapter == adapter and (same := common_prefix([kept.ids, ids[:-1]])) > most:
                best, most = at, same
        if best is None:
            return None, 0
        self.kept.append(self.kept.pop(best))
        return self.kept[-1], most

    def keep(self, prefix: CachedPrefix) -> None:
        """Keep a prompt; too many prompts or tokens push out those that were used longest ago."""
        self.kept.append(prefix)
        del self.kept[:-MOST_PROMPTS]
        while sum(len(kept.ids) for kept in self.kept) > MOST_TOKENS:
            del self.kept[0]

    def forget(self, adapter: str) -> None:
        """Drop the prompts that an adapter computed."""
        self.kept = [prefix for prefix in self.kept if prefix.adapter != adapter]
