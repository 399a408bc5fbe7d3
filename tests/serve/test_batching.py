"""Requests that wait in vain, leave, or are too many."""

from __future__ import annotations

import threading

import pytest

from buqi.serve.batching import Batcher
from buqi.serve.problems import Problem


def test_queue_timeouts_and_clients_that_leave():
    import asyncio

    release = threading.Event()
    ran: list[list[str]] = []

    def slow(key: object, items: list[str]) -> list[str]:
        ran.append(items)
        release.wait(5)
        if "bad" in items:
            raise ValueError("bad")
        return items

    async def gone() -> bool:
        return True

    async def scenario() -> None:
        batcher: Batcher[str, str] = Batcher(slow, 4, 2)
        batcher.start()
        first = asyncio.create_task(batcher.submit(["a"], 5))
        await asyncio.sleep(0.05)
        with pytest.raises(Problem) as late:
            await batcher.submit(["b"], 0.05)
        with pytest.raises(Problem) as left:
            await batcher.submit(["c"], 5, gone)
        waiting = [asyncio.create_task(batcher.submit([name], 5)) for name in ("d", "bad")]
        await asyncio.sleep(0.01)
        with pytest.raises(Problem) as full:
            await batcher.submit(["e"], 5)
        release.set()
        assert await first == ["a"]
        assert [type(r).__name__ for r in await asyncio.gather(*waiting, return_exceptions=True)] == ["ValueError"] * 2
        assert await batcher.submit(["f"], 5) == ["f"], "the service goes on"
        await batcher.stop()
        with pytest.raises(Problem) as stopping:
            await batcher.submit(["g"], 5)
        assert (late.value.status, left.value.status, full.value.status, stopping.value.status) == (504, 499, 429, 503)
        assert full.value.retry_after and ["b"] not in ran and ["c"] not in ran, "who left is not worked for"

    asyncio.run(scenario())


def test_a_step_ends_when_nobody_waits_for_it_any_more():
    import asyncio

    parts: list[int] = []
    release = threading.Event()

    def work(key: object, items: list[str]) -> list[str]:
        for part in range(50):
            batcher.check_wanted()
            parts.append(part)
            release.wait(0.05)
        return items

    batcher: Batcher[str, str] = Batcher(work, 4, 9)

    async def scenario() -> None:
        batcher.start()
        with pytest.raises(Problem) as late:
            await batcher.submit(["a"], 0.2)
        assert late.value.status == 504
        release.set()
        assert await batcher.submit(["b"], 5) == ["b"], "the next one does not wait for the rest"
        await batcher.stop()

    asyncio.run(scenario())
    assert 50 < len(parts) < 80
