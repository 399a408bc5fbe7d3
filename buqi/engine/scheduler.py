"""Which sequences run, and which of their tokens a step computes (continuous batching)."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from buqi.engine.kv_cache import KVCache, Span
from buqi.engine.packs import common_prefix
from buqi.engine.prefixes import LEAST_SAVED, LONGEST_KEPT, CachedPrefix, PrefixCache
from buqi.engine.sequence import WrittenSequence

MOST_ROWS = 64  # sequences that run at once; more hardly help on two cores
STEP_TOKENS = 512  # most tokens of prompts and answers in a step, so that a long prompt does not hold up the others
FULL_STEP = 192  # tokens up to which guesses fill a step: as many cost less than the steps that they save
MOST_GUESSED = 15  # a pass over 16 tokens takes no longer than one over a single token: it waits for the weights
CACHE_TOKENS = 32_768  # positions of all slots together; one sequence alone may take more


class Scheduler:
    """The sequences that wait and those that run; the slot of one that runs is its index in ``running``.

    Args:
        mixes: whether sequences of some adapters (PEFT's names; ``None`` for the base) may share a step.
    """

    def __init__(self, cache: KVCache, mixes: Callable[[set[str | None]], bool]) -> None:
        self.cache, self.mixes, self.prefixes = cache, mixes, PrefixCache()
        self.waiting: deque[WrittenSequence] = deque()
        self.running: list[WrittenSequence] = []

    def uses(self, adapter: str) -> bool:
        """Whether an adapter writes something that runs or waits."""
        return any(row.request.adapter == adapter and not row.done for row in [*self.running, *self.waiting])

    def clear(self) -> None:
        """Leave nothing running or waiting, and free the cache's memory; the prefixes of prompts stay."""
        self.waiting.clear()
        self.running.clear()
        self.cache.clear()

    def plan(self) -> list[Span]:
        """Start sequences where there is room, and return what each computes in this step, by slot."""
        self._remove_done()
        self._admit()
        guessed = min(MOST_GUESSED, FULL_STEP // max(1, len(self.running)) - 1)
        left = STEP_TOKENS
        for row in self.running:
            row.feed(max(0, min(left, len(row.ids) - row.cached)), guessed)
            left -= len(row.fed)
        spans = [Span(row.slot, row.cached, len(row.fed)) for row in self.running if row.fed]
        self.cache.reserve(0, max((span.start + span.count for span in spans), default=0))
        return spans

    def _admit(self) -> None:
        """Move sequences from ``waiting`` to ``running`` in order, until one has to wait."""
        self.cache.reserve(min(MOST_ROWS, len(self.running) + len(self.waiting)), 0)
        while self.waiting and len(self.running) < MOST_ROWS:
            row = self.waiting[0]
            if row.done:
                self.waiting.popleft()
                continue
            prefix, length = self.prefixes.longest(row.request.adapter, row.ids)
            if not self._fits(row) or self._should_wait(row, length):
                break
            self.waiting.popleft()
            row.slot, row.cached, row.reused = len(self.running), length, length
            self.running.append(row)
            self.cache.reserve(0, length)
            if prefix is not None:
                self.cache.fill(row.slot, prefix.tensors, length)

    def _fits(self, row: WrittenSequence) -> bool:
        """Whether there is memory for one more, and its adapter may share a step with those of the others."""
        longest = max([other.max_length for other in self.running] + [row.max_length])
        adapters = {other.request.adapter for other in [*self.running, row]}
        room = longest * (len(self.running) + 1) <= CACHE_TOKENS or not self.running
        return room and (len(adapters) == 1 or self.mixes(adapters))

    def _should_wait(self, row: WrittenSequence, length: int) -> bool:
        """Whether a prompt that is being read shares a longer prefix with this one than the kept ``length``."""
        reading = (other for other in self.running if other.cached < other.prompt_length)
        return any(
            other.request.adapter == row.request.adapter
            and common_prefix([other.ids[: other.prompt_length], row.ids[:-1]]) >= length + LEAST_SAVED
            for other in reading
        )

    def keep_prompt(self, row: WrittenSequence) -> None:
        """Keep a prompt that has just been read, unless half of it or more came from a kept prefix."""
        if row.reused < row.prompt_length // 2 and LEAST_SAVED <= row.prompt_length <= LONGEST_KEPT:
            tensors = self.cache.copied(row.slot, row.prompt_length)
            self.prefixes.keep(CachedPrefix(row.request.adapter, row.ids[: row.prompt_length], tensors))

    def _remove_done(self) -> None:
        """Take out those that are done; the sequence of the last slot moves to the free one."""
        for row in reversed([row for row in self.running if row.done]):
            last = self.running.pop()
            if last is not row:
                self.cache.move(last.slot, row.slot, last.cached)
                last.slot = row.slot
                self.running[row.slot] = last
