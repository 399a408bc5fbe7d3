"""Texts answered in several processes."""

from __future__ import annotations

import multiprocessing
import os
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import AbstractContextManager

from buqi.answering import AnswerOptions
from buqi.bulk.fields import Fields
from buqi.bulk.filler import ColumnFiller
from buqi.machine import compute_in_one_thread, ctrl_c_is_mine, end_with_parent

_filler: ColumnFiller | None = None  # of a worker process


def start_worker(options: AnswerOptions, parent: int, use_cache: bool) -> None:
    """Load what a worker process needs, and end it when its parent is gone (also by kill -9)."""
    global _filler
    end_with_parent(parent)
    compute_in_one_thread()
    _filler = ColumnFiller(options, use_cache)


def work(texts: list[str]) -> list[Fields]:
    """Answer texts in a worker process."""
    assert _filler is not None
    return _filler.answer(texts)


class WorkerPool(AbstractContextManager["WorkerPool"]):
    """Worker processes, started when the first of them is needed.

    Args:
        options: how texts are answered.
        workers: number of processes; one is this process.
        local: answers everything in this process, if given.
        use_cache: whether answers that took long are kept on disk.
    """

    def __init__(
        self, options: AnswerOptions, workers: int, local: ColumnFiller | None, use_cache: bool = True
    ) -> None:
        self.options, self.workers, self.local, self.use_cache = options, workers, local, use_cache
        self.pool: ProcessPoolExecutor | None = None

    def __exit__(self, *_: object) -> None:
        if self.pool is not None:
            self.pool.shutdown(wait=True, cancel_futures=True)

    def submit(self, texts: list[str], small: bool) -> Future[list[Fields]]:
        """Return the added columns of ``texts``. With ``small`` this process answers them: they are few."""
        if self.local is not None or small or self.workers == 1:
            self.local = self.local or ColumnFiller(self.options, self.use_cache)
            done: Future[list[Fields]] = Future()
            done.set_result(self.local.answer(texts))
            return done
        if self.pool is None:
            spawn = multiprocessing.get_context("spawn")
            arguments = (self.options, os.getpid(), self.use_cache)
            self.pool = ProcessPoolExecutor(self.workers, spawn, start_worker, arguments)
        with ctrl_c_is_mine():  # the first one starts the processes
            return self.pool.submit(work, texts)
