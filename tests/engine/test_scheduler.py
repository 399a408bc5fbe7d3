"""Who runs, and which tokens a step computes."""

from __future__ import annotations

import torch

from buqi.engine import scheduler as module
from buqi.engine.drafter import AnswerNgrams, Drafter
from buqi.engine.kv_cache import KVCache
from buqi.engine.prefixes import LEAST_SAVED
from buqi.engine.scheduler import Scheduler
from buqi.engine.sequence import AnswerRequest, WrittenSequence

END = 0


def row(prompt: list[int], most: int = 4, adapter: str | None = None) -> WrittenSequence:
    return WrittenSequence(prompt, AnswerRequest(most, END, adapter), Drafter(prompt, AnswerNgrams()))


def computed(planner: Scheduler) -> list[tuple[int, int, int]]:
    """Plan a step and compute it, as far as the planner sees."""
    spans = planner.plan()
    for span in spans:
        shape = (planner.running[span.slot].cached + span.count, 1, 2)
        places = torch.arange(span.start, span.start + span.count) + span.slot * planner.cache.length
        planner.cache.store(0, places, torch.zeros(span.count, *shape[1:]), torch.zeros(span.count, *shape[1:]))
        one = planner.running[span.slot]
        one.take([7] * one.scored)
    return [(span.slot, span.start, span.count) for span in spans]


def planner(mixes: bool = True) -> Scheduler:
    return Scheduler(KVCache(1), lambda names: mixes)


def test_a_long_prompt_is_read_in_steps_and_others_go_on(monkeypatch):
    monkeypatch.setattr(module, "STEP_TOKENS", 8)
    monkeypatch.setattr(module, "MOST_GUESSED", 0)
    planned = planner()
    planned.waiting.extend([row([1, 2, 3]), row(list(range(1, 20)))])
    assert computed(planned) == [(0, 0, 3), (1, 0, 5)]
    assert computed(planned) == [(0, 3, 1), (1, 5, 7)]


def test_who_ends_makes_room_for_who_waits(monkeypatch):
    monkeypatch.setattr(module, "MOST_ROWS", 2)
    planned, rows = planner(), [row([n, n + 1]) for n in (1, 3, 5)]
    planned.waiting.extend(rows)
    computed(planned)
    assert planned.running == rows[:2] and list(planned.waiting) == rows[2:]
    rows[0].done = True
    computed(planned)
    assert planned.running == [rows[1], rows[2]] and [one.slot for one in planned.running] == [0, 1]
    rows[2].done = True
    assert planned.uses("none") is False
    planned.clear()
    assert planned.running == [] and planned.cache.tensors is None


def test_weights_that_cannot_share_a_step_wait(monkeypatch):
    planned = planner(mixes=False)
    planned.waiting.extend([row([1, 2], adapter="a"), row([1, 2], adapter="b")])
    computed(planned)
    assert [one.request.adapter for one in planned.running] == ["a"] and planned.uses("b")
    planned.running[0].done = True
    computed(planned)
    assert [one.request.adapter for one in planned.running] == ["b"]


def test_a_common_beginning_is_read_once():
    planned, common = planner(), list(range(1, LEAST_SAVED + 9))
    planned.waiting.extend([row([*common, 50]), row([*common, 60])])
    assert computed(planned) == [(0, 0, len(common) + 1)]  # the second waits for what the first reads
    planned.keep_prompt(planned.running[0])
    assert (1, len(common), 1) in computed(planned)
