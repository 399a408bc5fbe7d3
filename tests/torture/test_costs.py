"""What safety costs: processor time, which other processes of the machine change least. Printed with -s or -rP."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from buqi.answering import AnswerOptions
from buqi.artefact import check_adapter
from buqi.bulk import Job, run_job
from buqi.bulk.formulas import harmless
from buqi.loading import SHIPPED
from buqi.seal import broken, seal
from tests.serve.conftest import TEXTS

START = 0.2  # seconds at most
BULK = 0.03  # of the time of a job at most
ROWS = 20_000


def spent(work: Callable[[], object], times: int) -> float:
    """Return the least processor time of several calls."""
    found = []
    for _ in range(times):
        began = time.process_time()
        work()
        found.append(time.process_time() - began)
    return min(found)


@pytest.mark.long
def test_what_checks_cost_at_the_start(tmp_path, real_base):
    with (tmp_path / "model.safetensors").open("wb") as file:
        os.truncate(file.fileno(), 2 << 30)
    sealing = spent(lambda: seal(tmp_path), 1)
    found = {
        "the seal of 2 GB": spent(lambda: broken(tmp_path), 5),
        "the seal of the base": spent(lambda: broken(real_base), 5),
        "the shipped adapter and its base": spent(lambda: check_adapter(SHIPPED, real_base), 5),
    }
    whole = spent(lambda: broken(tmp_path, whole=True), 1)
    print(", ".join(f"{what} {1000 * seconds:.0f} ms" for what, seconds in found.items()))
    print(f"once: writing the seal of 2 GB {sealing:.2f} s, reading every byte of it {whole:.2f} s")
    assert found["the seal of the base"] + found["the shipped adapter and its base"] < START
    assert found["the seal of 2 GB"] < START


@pytest.mark.long
def test_what_the_guard_against_formulas_costs_in_bulk(tmp_path, monkeypatch):
    rows = "".join(f"{n},{TEXTS[n % 2]}{n},-12.5\n" for n in range(ROWS))
    (tmp_path / "in.csv").write_text(f"id,address,note\n{rows}", encoding="utf-8")

    def work(target: str) -> None:
        run_job(Job(tmp_path / "in.csv", tmp_path / target, options=AnswerOptions("match"), workers=1, safe=True))

    cells: list[object] = []
    with monkeypatch.context() as patch:
        for name, module in list(sys.modules.items()):
            if name.startswith("buqi.bulk.") and hasattr(module, "harmless"):
                patch.setattr(module, "harmless", lambda value: cells.append(value) or value)
        work("counted.csv")
    whole = spent(lambda: work(f"out{time.monotonic_ns()}.csv"), 2)
    share = spent(lambda: [harmless(cell) for cell in cells], 3) / whole
    print(f"{ROWS} rows, {len(cells)} cells: {ROWS / whole:.0f} rows a second of processor time, the guard {share:.2%}")
    assert len(cells) > 3 * ROWS
    assert share < BULK


def test_a_quick_check_reads_little(tmp_path):
    size = 64 << 20
    with (tmp_path / "weights").open("wb") as file:
        os.truncate(file.fileno(), size)
    seal(tmp_path)
    assert not broken(tmp_path)  # what is imported for it is read now

    def read() -> int:
        return int(Path("/proc/self/io").read_text().split()[1])

    before = read()
    assert not broken(tmp_path)
    assert 0 < read() - before < 0.003 * size
