"""Texts answered in several processes."""

from __future__ import annotations

import multiprocessing
import os
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import AbstractContextManager
from typing import Any

from buqi.answering import AnswerOptions
from buqi.bulk.fields import Fields
from buqi.bulk.filler import ColumnFiller
from buqi.machine import compute_in_one_thread, end_with_parent

_filler: Any = None


def start_worker(options: AnswerOptions, parent: int, keep: bool) -> None:
    """Load what a worker process needs, and end it when its parent is gone (also by kill -9)."""
    global _filler
    end_with_parent(parent)
    compute_in_one_thread()
    _filler = ColumnFiller(options, keep)


def work(texts: list[str]) -> list[Fields]:
    """Answer texts in a worker process."""
    found: list[Fields] = _filler.answer(texts)
    return found


class WorkerPool(AbstractContextManager["WorkerPool"]):
    """Worker processes, started when there is enough to do; with ``here`` it answers, in this process.

    ``keep``: answers that took long are kept on disk.
    """

    def __init__(self, options: AnswerOptions, workers: int, here: ColumnFiller | None, keep: bool = True) -> None:
        self.options, self.workers, self.here, self.keep = options, workers, here, keep
        self.pool: ProcessPoolExecutor | None = None

    def __exit__(self, *_: object) -> None:
        if self.pool is not None:
            self.pool.shutdown(wait=True, cancel_futures=True)

    def submit(self, texts: list[str], small: bool) -> Future[list[Fields]]:
        """Return the added columns of ``texts``, which are answered here if they are few."""
        if self.here is not None or small or self.workers == 1:
            self.here = self.here or ColumnFiller(self.options, self.keep)
            done: Future[list[Fields]] = Future()
            done.set_result(self.here.answer(texts))
            return done
        if self.pool is None:
            spawn = multiprocessing.get_context("spawn")
            self.pool = ProcessPoolExecutor(self.workers, spawn, start_worker, (self.options, os.getpid(), self.keep))
        return self.pool.submit(work, texts)
