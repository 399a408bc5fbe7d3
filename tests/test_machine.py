from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress

import pytest

from buqi import machine
from buqi.errors import UsageError

# In a process of its own: one that has run other tests has freed memory to hand out that is resident already.
SCRIPT = """
from buqi.machine import MemoryTaken, peak_memory_gb
first = MemoryTaken()
held = bytearray(80_000_000)
held[::4096] = b"x" * len(held[::4096])
assert 70 < first.mb < 200, first.mb
del held
second = MemoryTaken()
assert second.mb < 30, "an earlier peak does not count"
assert peak_memory_gb() > 0.08
"""
GAPS = """
from buqi.machine import UnusedHeap, resident_mb
UnusedHeap.GROWTH_MB = 20
heap = UnusedHeap()
pieces = [bytearray(b"x") * 100_000 for _ in range(1000)]  # below malloc's limit for mappings of their own
del pieces[:-1]
before = resident_mb("VmRSS")
assert before > heap.floor + 20, (before, heap.floor)
heap.trim_if_grown()
assert resident_mb("VmRSS") < before - 20 and heap.floor < before - 20
"""


@pytest.mark.parametrize(
    ("flags", "fast"), [("fpu amx_bf16 amx_tile", True), ("fpu avx512_bf16", True), ("fpu avx512f", False)]
)
def test_units_for_bf16_are_read_from_the_cpus_flags(tmp_path, monkeypatch, flags, fast):
    (tmp_path / "cpuinfo").write_text(f"processor : 0\nflags : {flags}\n")
    monkeypatch.setattr(machine, "CPUS", tmp_path / "cpuinfo")
    assert machine.fast_bf16.__wrapped__() == fast
    monkeypatch.setattr(machine, "CPUS", tmp_path / "none")
    assert not machine.fast_bf16.__wrapped__()


def test_free_memory_and_cores_are_those_of_this_process(tmp_path, monkeypatch):
    monkeypatch.setattr(machine, "MEMORY", tmp_path / "meminfo")
    assert machine.free_memory_gb() == 0.0, "no such file: not known"
    (tmp_path / "meminfo").write_text("MemTotal: 9 kB\nMemAvailable:   2000000 kB\n")
    assert machine.free_memory_gb() == 2.048
    monkeypatch.setattr("os.sched_getaffinity", lambda _: {3, 5, 7})
    assert machine.cores() == 3


def test_a_process_of_several_computes_in_one_thread():
    script = """
from threadpoolctl import threadpool_info
from buqi.machine import compute_in_one_thread
compute_in_one_thread()
assert {pool["num_threads"] for pool in threadpool_info()} == {1}, threadpool_info()
"""
    subprocess.run([sys.executable, "-c", script], check=True)


def test_a_device_is_asked_for(monkeypatch):
    monkeypatch.setattr(machine, "_device", ["auto"])
    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    assert machine.gpu()
    assert machine.use_device("cpu") == "cpu" and not machine.gpu()
    assert machine.use_device("cuda") == "cuda" and machine.gpu()
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    assert machine.use_device("auto") == "auto" and not machine.gpu()
    with pytest.raises(UsageError, match="--device cuda: torch finds no GPU here"):
        machine.use_device("cuda")
    with pytest.raises(UsageError, match="--device tpu: expected auto, cpu, cuda"):
        machine.use_device("tpu")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux says")
def test_what_a_block_takes_is_its_own():
    subprocess.run([sys.executable, "-c", SCRIPT], check=True)


@pytest.mark.skipif(sys.platform != "linux", reason="only glibc gives back")
def test_gaps_in_the_heap_are_given_back():
    subprocess.run([sys.executable, "-c", GAPS], check=True)


@pytest.mark.parametrize("threads", [0, 8])
@pytest.mark.skipif(sys.platform == "win32", reason="no masks of signals")
def test_ctrl_c_reaches_this_process_behind_the_block_and_no_other(threads):
    ended = []
    done = threading.Event()

    def stopped():
        with machine.ctrl_c_is_mine():
            child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
            os.kill(child.pid, signal.SIGINT)
            os.kill(os.getpid(), signal.SIGINT)
            child.communicate(b"x\n", timeout=60)
            ended.append(child.returncode)

    others = [threading.Thread(target=done.wait) for _ in range(threads)]  # they do not block the signal
    for other in others:
        other.start()
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it
    try:
        with pytest.raises(KeyboardInterrupt):
            stopped()
    finally:
        signal.signal(signal.SIGINT, before)
        done.set()
    assert ended == [0]


@pytest.mark.skipif(sys.platform == "win32", reason="no masks of signals")
def test_a_ctrl_c_that_is_ignored_stays_ignored():
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with machine.ctrl_c_is_mine():
            os.kill(os.getpid(), signal.SIGINT)
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize("enabled", [True, False])
def test_the_collector_goes_on_as_before(enabled):
    before = gc.isenabled()
    (gc.enable if enabled else gc.disable)()
    try:
        with suppress(KeyError), machine.collector_paused():
            paused = not gc.isenabled()
            raise KeyError
        assert paused
        assert gc.isenabled() is enabled
    finally:
        (gc.enable if before else gc.disable)()
