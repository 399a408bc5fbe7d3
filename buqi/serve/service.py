"""What lives as long as the service."""

from __future__ import annotations

import asyncio
from typing import Any

from buqi.address.completion import Completion
from buqi.answering import AddressAnswerer
from buqi.expressions import compile_all
from buqi.serve.batching import Batcher
from buqi.serve.connections import Limits
from buqi.serve.figures import Figures
from buqi.serve.jobs import Jobs
from buqi.serve.models import Chat, Models
from buqi.serve.settings import ServiceSettings

STEP_ADDRESSES = 256  # addresses completed at once
PART_ADDRESSES = 128  # of them, between looks whether anybody still waits: odd texts may take a tenth of a second each
CHATS = 64  # chats answered at once; the engine writes them together, token by token
CHAT_QUEUE = 256  # most chats waiting, whatever the settings allow
# A zone, a county that several cities have, mistyped ones, traditional script, a road, a crossing, a village, a line
# with a name.
WARM_UP = (
    "开发区1号", "鼓楼区中央路1号", "鼓搂区中央路1号", "昆山山市前进路1号", "臺北市大安區1號", "文一西路2号",
    "解放路与和平路交叉口", "扶风县法门镇法门村", "张三 13800138000 江苏省南京市鼓楼区中央路1号 210008",
)  # fmt: skip
WATCH_SECONDS = 1.0  # seconds between looks whether all of it still works


class Service:
    """What lives as long as the service: what completes, models, queues, jobs, figures."""

    def __init__(self, settings: ServiceSettings) -> None:
        self.settings = settings
        self.figures = Figures()
        self.models = Models(settings)  # first: what is named wrongly is told before anything long
        self.jobs = Jobs(settings.data / "jobs", settings.answering, settings.jobs, settings.jobs_each)
        self.answerer = AddressAnswerer(settings.answering)
        compile_all()
        for contact in (False, True):
            self.answerer.answer(WARM_UP, contact=contact)  # loads what is loaded once, before the first request comes
        self.addresses: Batcher[str, Completion] = Batcher(
            self._complete, size=STEP_ADDRESSES, limit=settings.queue, name="addresses"
        )
        self.chats: Batcher[Chat, Any] = Batcher(
            self.models.generate, size=1, limit=min(settings.queue, CHAT_QUEUE), name="chats", at_once=CHATS
        )
        self.figures.watch("addresses", lambda: self.addresses.count)
        self.figures.watch("chats", lambda: self.chats.count)
        self.limits = Limits(settings.at_once, settings.patience, self.figures.refused.labels("door").inc)

    def _complete(self, contact: bool | None, texts: list[str]) -> list[Completion]:
        found: list[Completion] = []
        for start in range(0, len(texts), PART_ADDRESSES):
            self.addresses.check_wanted()
            found += self.answerer.answer(texts[start : start + PART_ADDRESSES], contact=bool(contact))
        for completion in found:
            self.figures.addresses.labels(completion.status).inc()
        return found

    def count_tokens(self, used: tuple[int, int]) -> None:
        """Count the tokens of a prompt and its answer."""
        self.figures.tokens.labels("prompt").inc(used[0])
        self.figures.tokens.labels("completion").inc(used[1])

    def start(self) -> None:
        """Begin to work; what breaks off is begun again."""
        self._start_workers()
        self.watching = asyncio.create_task(self._watch())

    def _start_workers(self) -> None:
        for worker in (self.addresses, self.chats, self.jobs):
            worker.start()

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            self._start_workers()

    @property
    def closing(self) -> bool:
        """Whether the service is about to end: requests are taken no more."""
        return self.addresses.closing

    def trouble(self) -> str:
        """Return why not everything that is asked gets done; empty if it does."""
        if self.closing:
            return "stopping"
        if not (self.addresses.alive and self.chats.alive):
            return "requests are not worked on"
        return self.jobs.trouble()

    async def stop(self) -> None:
        """Finish what runs."""
        self.watching.cancel()
        await self.addresses.stop()
        await self.chats.stop()
        await asyncio.to_thread(self.jobs.stop)
