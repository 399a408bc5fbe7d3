"""The machine and what this process takes of it: memory, cores, units of the CPU, the device, threads."""

from __future__ import annotations

import ctypes
import gc
import os
import platform
import resource
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path

from buqi.errors import UsageError

SELF, CPUS, MEMORY = Path("/proc/self"), Path("/proc/cpuinfo"), Path("/proc/meminfo")
RESET_PEAK = "5"  # proc(5), clear_refs
DEVICES = ("auto", "cpu", "cuda")
_peaks: list[float] = []  # GB, before `MemoryTaken` reset the system's count
_device = ["auto"]  # as the user asked


def cores() -> int:
    """Return how many CPU cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def free_memory_gb() -> float:
    """Return the memory that is available to programs, in GB (10^9 bytes); 0 where that is not known."""
    try:
        lines = MEMORY.read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) * 1024 / 1e9 for line in lines if line.startswith("MemAvailable:")), 0.0)


def peak_memory_gb() -> float:
    """Return the process's peak resident memory in GB (10^9 bytes), also before `MemoryTaken` reset its count."""
    return max([resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9, *_peaks])


@lru_cache(maxsize=1)
def fast_bf16() -> bool:
    """Return whether the CPU has units for bfloat16 (AMX, AVX512-BF16). They are at least twice as fast as fp32."""
    return _has(" amx_bf16") or _has(" avx512_bf16")


@lru_cache(maxsize=1)
def multiplies_int8() -> bool:
    """Return whether torch multiplies matrices of 8 bits fast on this CPU (x86; on others fp32 is faster)."""
    import torch

    return "x86" in torch.backends.quantized.supported_engines and platform.machine() in ("x86_64", "AMD64")


def adds_in_32_bits() -> bool:
    """Return whether the CPU adds products of 8 bits in 32 bits (VNNI). In 16 bits a sum may overflow."""
    return _has(" avx512_vnni") or _has(" avx_vnni")


def use_device(name: str) -> str:
    """Choose the device of models from here on: ``cpu``, ``cuda`` or ``auto`` (a GPU if there is one). Return the name.

    Raises:
        UsageError: no such device here.
    """
    if name not in DEVICES:
        raise UsageError(f"--device {name}: expected {', '.join(DEVICES)}")
    _device[:] = [name]
    if name == "cuda" and not gpu():
        raise UsageError("--device cuda: torch finds no GPU here; take cpu, or install a torch built for CUDA")
    return name


def gpu() -> bool:
    """Return whether models are computed on a GPU: there is one, and the user did not ask for the CPU."""
    if _device == ["cpu"]:
        return False
    import torch

    return torch.cuda.is_available()


def gpu_bf16() -> bool:
    """Return whether the GPU has units for bfloat16 (NVIDIA since 2020)."""
    import torch

    return gpu() and torch.cuda.is_bf16_supported(including_emulation=False)


def card_peak_gb() -> float:
    """Return the most memory that torch held on the GPU, in GB (10^9 bytes); 0 without one."""
    import torch

    return torch.cuda.max_memory_allocated() / 1e9 if gpu() else 0.0


def _has(flag: str) -> bool:
    try:
        return flag in CPUS.read_text()
    except OSError:
        return False


class MemoryTaken:
    """What a block of code adds to the process's resident memory, at its peak (Linux; elsewhere 0)."""

    def __init__(self) -> None:
        self.before = resident_mb("VmRSS")
        _peaks[:] = [peak_memory_gb()]
        with suppress(OSError):  # then the peak is the process's since it began
            (SELF / "clear_refs").write_text(RESET_PEAK)

    @property
    def mb(self) -> float:
        """Peak until now, less what was there before, in 10^6 bytes."""
        return max(0.0, resident_mb("VmHWM") - self.before)


def resident_mb(field: str, process: Path | None = None) -> float:
    """Return a field of a process's status (proc(5); this one's if not given) in 10^6 bytes; 0 elsewhere than Linux."""
    try:
        lines = ((process or SELF) / "status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((float(line.split()[1]) * 1024 / 1e6 for line in lines if line.startswith(f"{field}:")), 0.0)


class UnusedHeap:
    """Gives memory that is free inside the heap back to the system (glibc; elsewhere nothing happens).

    Tensors of many sizes leave gaps in the heap, and malloc keeps them: a training took 12 GB where 4 GB were in use.
    Giving them back costs page faults later, so it is done only after the process has grown.
    """

    GROWTH_MB = 700  # since memory was last given back

    def __init__(self) -> None:
        self.floor = resident_mb("VmRSS")
        self.trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None

    def trim_if_grown(self) -> None:
        """Give unused memory back if the process has grown by `GROWTH_MB` since the last time."""
        if self.trim is not None and resident_mb("VmRSS") > self.floor + self.GROWTH_MB:
            self.trim(0)
            self.floor = resident_mb("VmRSS")


def compute_in_one_thread() -> None:
    """Let numpy compute in one thread in this process. Threads of several processes would compete for the cores."""
    import numpy  # noqa: F401  (the limit is set for libraries that are already loaded)
    from threadpoolctl import threadpool_limits

    threadpool_limits(1)


def end_with_parent(parent: int) -> None:
    """End this process when ``parent``, the process that started it, has ended, even by kill -9."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


@contextmanager
def collector_paused() -> Iterator[None]:
    """Keep Python from looking for unused cycles of objects inside, where most objects are used and none is in a cycle.

    The collector looks through all objects again and again while many are made. It goes on as before afterwards.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@contextmanager
def ctrl_c_is_mine() -> Iterator[None]:
    """Let processes that are started in the block never see Ctrl-C, which a terminal sends to all of them.

    They inherit that the signal is blocked. This process gets it at the end of the block. In the main thread it is
    caught too: the system gives it to any other thread that does not block it.
    """
    if sys.platform == "win32":
        yield
        return
    seen: list[int] = []
    handler = signal.getsignal(signal.SIGINT)
    caught = handler is not None and threading.current_thread() is threading.main_thread()
    if caught:
        signal.signal(signal.SIGINT, lambda number, _: seen.append(number))
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        if caught:
            signal.signal(signal.SIGINT, handler)
        if seen:
            signal.raise_signal(signal.SIGINT)
