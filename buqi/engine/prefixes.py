"""Prompts whose keys and values are kept: the next prompt that begins alike need not compute its beginning."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from buqi.engine.packs import common_prefix

KEPT = 16  # prompts
WORTH = 16  # tokens that a wait or a copy must save
LONGEST_KEPT = 2048  # tokens of a prompt; longer ones are not kept


@dataclass(frozen=True)
class CachedPrefix:
    """A prompt and what `KVCache.copied` returned for it."""

    adapter: str | None
    ids: list[int]
    tensors: tuple[Any, ...]


class PrefixCache:
    """The prompts whose keys and values are kept, those used last at the end."""

    def __init__(self) -> None:
        self.kept: OrderedDict[int, CachedPrefix] = OrderedDict()
        self.count = 0

    def longest(self, adapter: str | None, ids: Sequence[int]) -> tuple[CachedPrefix | None, int]:
        """Return what has most tokens in common with a prompt, and how many; the prompt's last is always computed."""
        best, most = None, WORTH - 1
        for number, kept in self.kept.items():
            if kept.adapter == adapter and (same := common_prefix([kept.ids, ids[:-1]])) > most:
                best, most = number, same
        if best is None:
            return None, 0
        self.kept.move_to_end(best)
        return self.kept[best], most

    def keep(self, kept: CachedPrefix) -> None:
        """Keep a prompt, in place of the one that was of use longest ago."""
        self.count += 1
        self.kept[self.count] = kept
        while len(self.kept) > KEPT:
            self.kept.popitem(last=False)

    def forget(self, adapter: str) -> None:
        """Keep nothing that these weights computed."""
        for number in [n for n, kept in self.kept.items() if kept.adapter == adapter]:
            del self.kept[number]
