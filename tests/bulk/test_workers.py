"""Few texts are answered in this process, many in others, with the same result."""

from __future__ import annotations

import os
import signal

from buqi.answering import AnswerOptions
from buqi.bulk import ColumnFiller
from buqi.bulk.workers import WorkerPool


def test_other_processes_answer_alike(cache):
    options, texts = AnswerOptions("match"), ["碑林区1号", "扶风法门镇法门寺"]
    wanted = ColumnFiller(options).answer(texts)
    with WorkerPool(options, 2, None) as pool:
        assert pool.submit(texts, small=False).result() == wanted
        assert pool.pool is not None and pool.local is None
    with WorkerPool(options, 2, None) as pool:
        assert pool.submit(texts, small=True).result() == wanted
        assert pool.pool is None


def test_ctrl_c_is_the_parents(cache):
    options = AnswerOptions("match")
    with WorkerPool(options, 2, None) as pool:
        assert pool.submit(["碑林区1号"], small=False).result()
        for worker in pool.pool._processes:
            os.kill(worker, signal.SIGINT)
        assert pool.submit(["碑林区1号"], small=False).result()
