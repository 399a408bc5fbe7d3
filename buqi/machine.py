"""What this process takes of the machine."""

from __future__ import annotations

import resource
from contextlib import suppress
from pathlib import Path

SELF = Path("/proc/self")
RESET_PEAK = "5"  # proc(5), clear_refs


def peak_memory_gb() -> float:
    """Return the process's peak resident memory in GB (10^9 bytes)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9


class Taken:
    """What a block of code adds to the process's resident memory, at its peak (Linux; elsewhere 0)."""

    def __init__(self) -> None:
        self.before = _resident_mb("VmRSS")
        with suppress(OSError):  # then the peak is the process's since it began
            (SELF / "clear_refs").write_text(RESET_PEAK)

    @property
    def mb(self) -> float:
        """Peak until now, less what was there before, in 10^6 bytes."""
        return max(0.0, _resident_mb("VmHWM") - self.before)


def _resident_mb(field: str) -> float:
    try:
        lines = (SELF / "status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((float(line.split()[1]) * 1024 / 1e6 for line in lines if line.startswith(f"{field}:")), 0.0)
