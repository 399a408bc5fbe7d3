"""Few texts are answered in this process, many in others, with the same result."""

from __future__ import annotations

import os
import signal
import time

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


def test_ctrl_c_is_the_parents_also_while_they_start(cache, capfd):
    with WorkerPool(AnswerOptions("match"), 2, None) as pool:
        answers = pool.submit(["碑林区1号"], small=False)
        for seconds in (0.0, 0.2, 0.5):
            time.sleep(seconds)
            for worker in pool.pool._processes:
                os.kill(worker, signal.SIGINT)
        assert answers.result() and pool.submit(["碑林区1号"], small=False).result()
    assert "Traceback" not in capfd.readouterr().err
