"""What this process takes of the machine."""

from __future__ import annotations

import resource


def peak_memory_gb() -> float:
    """Return the process's peak resident memory in GB (10^9 bytes)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9
