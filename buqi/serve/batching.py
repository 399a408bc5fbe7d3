"""Concurrent requests share one step: what waits when a step ends goes into the next one together."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from buqi.serve.problems import Problem

Item = TypeVar("Item")
Result = TypeVar("Result")
LOOK_SECONDS = 0.25  # seconds between looks whether a client is still there


@dataclass(eq=False)
class _Waiting(Generic[Item, Result]):
    """The items of one request, and its future results."""

    key: Any
    items: Sequence[Item]
    done: asyncio.Future[list[Result]]


class Batcher(Generic[Item, Result]):
    """Runs a function over the items of many requests at once, in threads.

    Args:
        run: takes a key and items with that key, and returns a result for each.
        size: most items of one step.
        limit: most items waiting; a request that would go beyond is refused.
        name: what its threads are called.
        at_once: most steps that run at the same time.
    """

    def __init__(
        self,
        run: Callable[[Any, list[Item]], Sequence[Result]],
        size: int,
        limit: int,
        name: str = "step",
        at_once: int = 1,
    ) -> None:
        self.run, self.size, self.limit, self.at_once = run, size, limit, at_once
        self.running: set[asyncio.Task[None]] = set()
        self.at_hand = threading.local()  # in the thread of a step: its ``entries``
        self.waiting: deque[_Waiting[Item, Result]] = deque()
        self.count = 0  # items waiting
        self.closing = False
        self.threads = ThreadPoolExecutor(at_once, thread_name_prefix=name)
        self.wake = asyncio.Event()  # something has come, or a step has ended
        self.task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to work, or begin again if the work has broken off; needs a running event loop."""
        if self.task is None or (self.task.done() and not self.closing):
            self.task = asyncio.create_task(self._work())

    @property
    def alive(self) -> bool:
        """Whether requests are worked on."""
        return self.task is not None and not self.task.done()

    async def stop(self) -> None:
        """Finish what is asked already, then end."""
        self.closing = True
        self.wake.set()
        if self.task is not None:
            await self.task
        self.threads.shutdown(wait=True)

    async def submit(
        self,
        items: Sequence[Item],
        timeout: float,
        gone: Callable[[], Awaitable[bool]] | None = None,
        key: Any = None,
    ) -> list[Result]:
        """Return a result for each item of one request. Items stay together; those of other keys never join them.

        Args:
            timeout: seconds until the request is given up.
            gone: tells whether the client has left; its items are then dropped.

        Raises:
            Problem: 429 (too many waiting), 503 (stopping), 504 (took too long), 499 (the client left).
        """
        if self.closing:
            raise Problem(503, "the service is stopping", "stopping", retry_after=5)
        if self.count + len(items) > self.limit and self.count:
            raise Problem(429, "too many requests are waiting; send it again later", "queue_full", retry_after=1)
        entry: _Waiting[Item, Result] = _Waiting(key, items, asyncio.get_running_loop().create_future())
        self.waiting.append(entry)
        self.count += len(items)
        self.wake.set()
        deadline = time.monotonic() + timeout
        try:
            while not entry.done.done():
                left = deadline - time.monotonic()
                if left <= 0:
                    raise Problem(504, f"no answer within {timeout:g} s", "timeout", retry_after=5)
                await asyncio.wait({entry.done}, timeout=min(LOOK_SECONDS, left))
                if gone is not None and not entry.done.done() and await gone():
                    raise Problem(499, "the client has left", "client_left")
            return entry.done.result()
        finally:
            if not entry.done.done():
                entry.done.cancel()
                if entry in self.waiting:  # not begun: nobody works for who has left
                    self.waiting.remove(entry)
                    self.count -= len(items)

    async def _work(self) -> None:
        while True:
            while not self.waiting or len(self.running) >= self.at_once:
                if self.closing and not self.waiting:
                    await asyncio.gather(*self.running)
                    return
                self.wake.clear()
                await self.wake.wait()
            task = asyncio.create_task(self._step(self._next()))
            self.running.add(task)
            task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self.running.discard(task)
        self.wake.set()

    async def _step(self, step: list[_Waiting[Item, Result]]) -> None:
        items = [item for entry in step for item in entry.items]
        loop = asyncio.get_running_loop()
        try:
            results = list(await loop.run_in_executor(self.threads, self._run, step, items))
        except Exception as error:  # it belongs to the requests of this step, not to the service
            for entry in step:
                if not entry.done.done():
                    entry.done.set_exception(error)
        else:
            at = 0
            for entry in step:
                if not entry.done.done():
                    entry.done.set_result(results[at : at + len(entry.items)])
                at += len(entry.items)

    def _run(self, step: list[_Waiting[Item, Result]], items: list[Item]) -> Sequence[Result]:
        self.at_hand.entries = step
        return self.run(step[0].key, items)

    def check_wanted(self) -> None:
        """End the step of this thread if nobody waits for it any more; called by ``run`` between parts of its work.

        Raises:
            Problem: all have left, or were told that it takes too long.
        """
        if all(entry.done.done() for entry in self.at_hand.entries):
            raise Problem(499, "nobody waits for it any more", "client_left")

    def _next(self) -> list[_Waiting[Item, Result]]:
        """Take the first request that waits, and in order those of its key that fit into one step with it."""
        first = self.waiting.popleft()
        step, count = [first], len(first.items)
        later: deque[_Waiting[Item, Result]] = deque()
        for entry in self.waiting:
            if entry.key == first.key and count + len(entry.items) <= self.size:
                step.append(entry)
                count += len(entry.items)
            else:
                later.append(entry)
        self.waiting = later
        self.count -= count
        return step
