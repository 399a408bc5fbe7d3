"""What Prometheus reads at ``/metrics``."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest

BUCKETS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


class Figures:
    """Counters of one service."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        counters = {
            "requests": ("Requests answered", ["method", "route", "status"]),
            "addresses": ("Addresses completed", ["status"]),
            "refused": ("Requests refused: rate, door (more at once than --at_once) or busy", ["why"]),
            "tokens": ("Tokens of chats: prompt or completion", ["kind"]),
        }
        made = {k: Counter(f"buqi_{k}", *words, registry=self.registry) for k, words in counters.items()}
        self.requests, self.addresses, self.refused, self.tokens = made.values()
        self.seconds = Histogram(
            "buqi_request_seconds", "Seconds of a request", ["route"], buckets=BUCKETS, registry=self.registry
        )
        self.queue = Gauge("buqi_queue", "Addresses and chats that wait", ["queue"], registry=self.registry)
        self.jobs = Gauge("buqi_jobs", "Jobs by status", ["status"], registry=self.registry)

    def watch(self, name: str, count: Callable[[], float]) -> None:
        """Show a queue's length."""
        self.queue.labels(name).set_function(count)

    def text(self) -> bytes:
        """Return the figures as Prometheus reads them."""
        return generate_latest(self.registry)
