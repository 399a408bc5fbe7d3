"""How often one client may ask."""

from __future__ import annotations

import time
from collections import OrderedDict

CLIENTS = 10_000  # clients whose rate is remembered


class Rate:
    """A bucket of tokens for each client: ``burst`` at once, ``rate`` a second on average."""

    def __init__(self, rate: float, burst: int) -> None:
        self.rate, self.burst = rate, burst
        self.buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, client: str) -> float:
        """Take a token; return 0, or the seconds until there is one."""
        now = time.monotonic()
        tokens, since = self.buckets.pop(client, (float(self.burst), now))
        tokens = min(float(self.burst), tokens + (now - since) * self.rate)
        missing = 1.0 - tokens
        self.buckets[client] = (tokens - 1.0 if missing <= 0 else tokens, now)
        if len(self.buckets) > CLIENTS:
            self.buckets.popitem(last=False)
        return max(0.0, missing / self.rate)
