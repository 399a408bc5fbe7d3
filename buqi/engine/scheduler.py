"""Which sequences run, and which of their tokens a step computes."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from buqi.engine.kv_cache import KVCache, Span
from buqi.engine.packs import common_prefix
from buqi.engine.prefixes import LONGEST_KEPT, WORTH, CachedPrefix, PrefixCache
from buqi.engine.sequence import WrittenSequence

MOST_ROWS = 64  # sequences that run at once; more hardly help on two cores
STEP_TOKENS = 512  # most tokens of one step while prompts are read; other rows wait no longer for theirs
FULL_STEP = 192  # tokens up to which guesses fill a step: as many cost less than the steps that they save
MOST_GUESSED = 15  # a pass over 16 tokens takes no longer than one over a single token: it waits for the weights
CACHE_TOKENS = 32_768  # positions of all slots together, as far as more than one row needs them


class Scheduler:
    """The sequences that wait and those that run; the slot of one that runs is its number.

    ``mixes`` tells whether sequences of some weights may share a step.
    """

    def __init__(self, cache: KVCache, mixes: Callable[[set[str | None]], bool]) -> None:
        self.cache, self.mixes, self.prefixes = cache, mixes, PrefixCache()
        self.waiting: deque[WrittenSequence] = deque()
        self.running: list[WrittenSequence] = []

    def uses(self, adapter: str) -> bool:
        """Whether something that runs or waits is written by these weights."""
        return any(row.request.adapter == adapter and not row.done for row in [*self.running, *self.waiting])

    def clear(self) -> None:
        """Leave nothing running or waiting, and give the cache's memory back; beginnings of prompts stay."""
        self.waiting.clear()
        self.running.clear()
        self.cache.clear()

    def plan(self) -> list[Span]:
        """Let those that have room run, and return what each computes in this step, by slot."""
        self._end()
        self._admit()
        guessed = min(MOST_GUESSED, FULL_STEP // max(1, len(self.running)) - 1)
        left = STEP_TOKENS
        for row in self.running:
            row.feed(max(0, min(left, len(row.ids) - row.known)), guessed)
            left -= len(row.fed)
        spans = [Span(row.slot, row.known, len(row.fed)) for row in self.running if row.fed]
        self.cache.reserve(0, max((span.start + span.count for span in spans), default=0))
        return spans

    def _admit(self) -> None:
        self.cache.reserve(min(MOST_ROWS, len(self.running) + len(self.waiting)), 0)
        while self.waiting and len(self.running) < MOST_ROWS:
            row = self.waiting[0]
            if row.done:
                self.waiting.popleft()
                continue
            kept, known = self.prefixes.longest(row.request.adapter, row.ids)
            if not self._fits(row) or self._sooner(row, known):
                break
            self.waiting.popleft()
            row.slot, row.known = len(self.running), known
            self.running.append(row)
            self.cache.reserve(0, known)
            if kept is not None:
                self.cache.fill([row.slot], kept.tensors, known)

    def _fits(self, row: WrittenSequence) -> bool:
        """Whether there is memory for one more, and its weights may share a step with those of the others."""
        longest = max([other.length for other in self.running] + [row.length])
        adapters = {other.request.adapter for other in [*self.running, row]}
        room = longest * (len(self.running) + 1) <= CACHE_TOKENS or not self.running
        return room and (len(adapters) == 1 or self.mixes(adapters))

    def _sooner(self, row: WrittenSequence, known: int) -> bool:
        """Whether a prompt that is being read will spare this one more than what is known of it."""
        alike = [o for o in self.running if o.known < o.asked and o.request.adapter == row.request.adapter]
        return any(common_prefix([other.ids[: other.asked], row.ids[:-1]]) >= known + WORTH for other in alike)

    def read(self, row: WrittenSequence, known: int) -> None:
        """Keep a prompt that has just been read, where little of it was known before."""
        if known < row.asked // 2 and WORTH <= row.asked <= LONGEST_KEPT:
            tensors = self.cache.copied(row.slot, row.asked)
            self.prefixes.keep(CachedPrefix(row.request.adapter, row.ids[: row.asked], tensors))

    def _end(self) -> None:
        """Take out those that are done; the last slots move up."""
        for row in reversed([row for row in self.running if row.done]):
            last = self.running.pop()
            if last is not row:
                self.cache.move(last.slot, row.slot, last.known)
                last.slot = row.slot
                self.running[row.slot] = last
